"""The review page, on this machine alone."""
