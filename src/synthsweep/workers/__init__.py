"""Worker processes of a sweep that stay alive, here or on other machines; this package does not know what their tasks are."""
