"""The page of an inspection: shows it, computes nothing but how it looks."""
