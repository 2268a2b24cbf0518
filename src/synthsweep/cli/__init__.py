"""The command line: a file a verb; main.py only dispatches."""
