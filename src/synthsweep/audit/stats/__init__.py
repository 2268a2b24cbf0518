"""What the answers come to, as numbers."""
