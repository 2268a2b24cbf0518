"""Sheets that a clinician fills: written, and read back."""
