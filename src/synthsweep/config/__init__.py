"""Configuration: composed by Hydra, then checked and frozen."""
