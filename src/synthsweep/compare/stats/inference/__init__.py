"""Intervals and tests: new texts, new seeds, many p values; pure."""
