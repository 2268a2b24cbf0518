"""Reads the result of a search, and scores its best trial on fresh seeds."""
