"""What a search found, and what that is worth on fresh seeds."""
