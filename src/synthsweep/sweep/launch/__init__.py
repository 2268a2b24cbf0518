"""How the jobs of a sweep reach workers: on this machine, on a Ray cluster, or in batches of any Hydra launcher."""
