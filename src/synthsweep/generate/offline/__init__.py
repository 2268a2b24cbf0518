"""Texts without a server: recorded replies, a simulator, rewritten real texts."""
