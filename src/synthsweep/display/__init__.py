"""What the terminal shows: one file per command, and the screen that shows progress."""
