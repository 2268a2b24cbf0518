"""The ways in which a file writes labels, and what each of them says."""
