"""The results of a study: the best trials, plots, and its runs in the tracking store."""
