"""Completion of a command line in bash, zsh and fish; imports nothing of Hydra, since a shell asks at every Tab."""
