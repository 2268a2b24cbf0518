"""The classifiers that a run can train, a module per kind."""
