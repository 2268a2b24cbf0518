"""How long a test waits for what must happen: a limit ends a hang, and judges no speed."""

# Far longer than anything here takes on a machine that has much else to do.
LIMIT_S = 900.0
