"""Compares finished runs: read -> grid -> contrasts -> effects -> report."""
