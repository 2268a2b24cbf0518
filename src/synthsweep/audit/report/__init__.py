"""The report of an audit: shows the findings, computes none."""
