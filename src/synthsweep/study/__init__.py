"""Studies of many runs: design, queue and results, run keys, and the reuse of finished runs."""
