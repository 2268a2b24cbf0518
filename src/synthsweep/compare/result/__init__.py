"""The values of a comparison, which statistics make and a report shows."""
