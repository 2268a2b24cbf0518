"""The report of a comparison: shows the results, computes none."""
