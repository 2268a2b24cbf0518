"""Simulated studies whose truth is known, by which the intervals and tests of a comparison are judged."""
