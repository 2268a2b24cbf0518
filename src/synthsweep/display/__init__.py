"""What a person sees on a terminal: a file a verb."""
