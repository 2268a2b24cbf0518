"""What is to be done next: the queue of a factorial design, and that of a search."""
