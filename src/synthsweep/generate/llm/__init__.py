"""Asking a server: client, throttle (429), prices, budget (the spend cap), requests at once or in batches."""
