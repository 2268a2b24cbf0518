"""From a pool to what is trained on: drop (duplicates, leaks) -> mix (arm, ratio)."""
