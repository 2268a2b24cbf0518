"""What texts are like, as numbers."""
