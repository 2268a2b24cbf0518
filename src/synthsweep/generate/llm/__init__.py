"""A server that is asked: client, throttle, prices, budget, batches, the judge."""
