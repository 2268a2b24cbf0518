"""Runs in MLflow: on SQLite below mlruns/, on a PostgreSQL database, or on a server."""
