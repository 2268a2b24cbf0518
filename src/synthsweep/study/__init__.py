"""What a question means beyond one run: run keys, and what is finished already."""
