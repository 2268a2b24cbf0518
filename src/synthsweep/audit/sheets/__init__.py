"""Writes the sheets that a clinician fills in, and reads them back."""
