"""What every process of a study can read of it in its storage, wherever it runs."""
