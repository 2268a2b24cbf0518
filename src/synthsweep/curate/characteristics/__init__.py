"""Characteristics of texts, as numbers."""
