"""Who does the work of a sweep: processes that stay alive, here or on other machines; knows nothing of what the work is."""
