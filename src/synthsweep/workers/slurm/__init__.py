"""Jobs of a Slurm cluster that take work from a study themselves: submitted as one array, followed, cancelled."""
