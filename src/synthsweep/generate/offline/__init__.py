"""Texts without a server: recorded replies, a simulator, rewriting of real texts."""
