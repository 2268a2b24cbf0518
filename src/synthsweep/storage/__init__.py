"""Databases that several processes share, claims on what to do, and which process is which."""
