"""Synthetic texts: what to ask (prompts, plan), who answers (recorded, simulator), what a reply holds (parsing, pool)."""
