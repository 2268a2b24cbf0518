"""Asking a server: client, throttle (429), prices, concurrent requests or batches."""
