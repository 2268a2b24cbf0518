"""Which replicate of which trial runs next: the queue of a factorial design, and that of a search."""
