"""Classifiers that are linear in fixed features: words, or sentence embeddings."""
