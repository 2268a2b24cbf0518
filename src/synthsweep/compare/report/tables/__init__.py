"""The tables of a report, one file per subject."""
