"""The report of a comparison: shows it, computes nothing."""
