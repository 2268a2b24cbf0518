"""Scores of weighted texts, as a bootstrap needs them; pure."""
