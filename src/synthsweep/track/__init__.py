"""Where runs are kept: a small protocol, a recording in memory, and MLflow behind it."""
