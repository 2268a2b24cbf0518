"""Statistics of the answers."""
