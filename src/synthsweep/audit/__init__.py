"""Clinicians judge a sample of texts blind: draws the sample, writes sheets, reads the answers and computes the findings."""
