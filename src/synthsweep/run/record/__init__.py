"""What is kept of a run, an audit or a generation: descriptions, metrics and files."""
