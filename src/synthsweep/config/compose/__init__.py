"""What Hydra composes, as types; and its errors as one line."""
