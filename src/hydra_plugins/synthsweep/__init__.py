"""synthsweep's Hydra plugins. Hydra imports them at every start, so they import nothing heavy."""
