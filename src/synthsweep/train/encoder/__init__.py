"""The encoder: texts to tokens, tokens to logits."""
