"""Checks of labels without an LLM."""
