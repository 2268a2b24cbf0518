"""What a study varies, in which order, and what it optimises."""
