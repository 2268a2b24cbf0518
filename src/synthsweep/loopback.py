"""The address of our own servers: 127.0.0.1, which no other machine can reach."""

import socket

from synthsweep.errors import InputError

HOST = "127.0.0.1"


def require_free(port: int, key: str) -> None:
    """Raises InputError, which names the key, if the port is taken."""
    with socket.socket() as probe:
        # The server sets this too: a port that was released a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(f"{key}={port} is taken ({error.strerror}): set {key}={port + 1} or the like") from error
