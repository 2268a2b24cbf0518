"""How threads of OpenMP wait for one another: asleep."""

import os

# Whoever sets one of these has decided: of the standard, of GNU's and of Intel's library.
VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def wait_asleep() -> None:
    """For processes that have not imported torch yet: its library reads the variable when it is loaded.

    By default a thread that waits spins. Where other programs take cores, the thread that it waits for is not running, and
    a step of training takes ten times as long (guide: results).
    """
    if not any(name in os.environ for name in VARIABLES):
        os.environ["OMP_WAIT_POLICY"] = "passive"
