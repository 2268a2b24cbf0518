"""What is asked: plan -> exemplars -> render for texts, question for a judge."""
