"""Who doubts a label without an LLM."""
