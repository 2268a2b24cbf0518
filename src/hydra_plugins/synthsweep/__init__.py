"""Hydra's side of synthsweep: found by Hydra at every start, so nothing heavy is imported here."""
