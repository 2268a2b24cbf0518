"""Effects and their uncertainty; pure."""
