"""Asking a server: client, throttle (429), prices, budget (the spending limit), concurrent requests or batches."""
