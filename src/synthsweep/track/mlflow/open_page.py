"""Opens a page in a browser as soon as its server on this machine answers: `python -m` with the address and the port."""

import socket
import sys
import time
import webbrowser

from synthsweep.loopback import HOST

WAIT_S = 60.0


def open_when_up(address: str, port: int, wait_s: float = WAIT_S) -> bool:
    """Whether the server answered in time."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return webbrowser.open(address)
        time.sleep(0.3)
    return False


if __name__ == "__main__":
    open_when_up(sys.argv[1], int(sys.argv[2]))
