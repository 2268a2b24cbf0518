"""The page of an inspection: shows the results, computes none."""
