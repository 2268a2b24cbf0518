"""Finished runs as the store has them, to a grid of cells and blocks."""
