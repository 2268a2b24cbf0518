"""Synthetic texts: what is asked (prompts/), who answers (llm/, offline/), what is read from it (replies/), and the pool."""
