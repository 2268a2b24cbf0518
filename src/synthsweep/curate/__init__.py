"""From a pool to the training texts: drop (duplicates, leaks) -> mix (arm, ratio)."""
