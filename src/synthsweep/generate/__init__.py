"""Synthetic texts: prompts (prompts/), LLMs and offline writers (llm/, offline/), replies (replies/) and the pool."""
