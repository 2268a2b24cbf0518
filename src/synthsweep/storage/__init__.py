"""Databases that several processes share, who works on what, and which process that is."""
