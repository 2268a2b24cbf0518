"""Databases that several processes share, claims on work, and marks that identify processes."""
