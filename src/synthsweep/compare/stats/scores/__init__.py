"""Scores under any weights of the texts; pure."""
