"""Configuration: composed by Hydra, checked and frozen at the door."""
