"""One endpoint: how it is reached, with which key, whether it is this machine, and what it can do."""
