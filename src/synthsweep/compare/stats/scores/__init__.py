"""Scores of texts, what each text contributes to them, and scores of weighted texts; pure."""
