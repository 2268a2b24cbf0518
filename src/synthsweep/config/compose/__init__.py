"""Turns what Hydra composes into types, and its errors into one line."""
