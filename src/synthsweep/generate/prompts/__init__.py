"""What is asked: plan -> exemplars -> render."""
