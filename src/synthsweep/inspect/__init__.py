"""Compares a pool with the real corpus before anything is trained: survey -> inspection -> page."""
