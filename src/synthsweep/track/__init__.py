"""Where runs are kept: protocols for writing and reading runs, implemented in memory and by MLflow."""
