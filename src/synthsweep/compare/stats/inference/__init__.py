"""Intervals for new texts and new seeds, and tests of many hypotheses; pure."""
