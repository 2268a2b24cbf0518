"""Real texts: load (files, hub) -> validate (rows to examples) -> split (by group, stratified) -> subset (few-shot)."""
