"""Reads finished runs from the tracking store into a grid of cells and blocks."""
