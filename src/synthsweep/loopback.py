"""Servers of ours listen on 127.0.0.1 alone."""

import socket

from synthsweep.errors import InputError

HOST = "127.0.0.1"


def require_free(port: int, key: str) -> None:
    """Raises InputError, which names the key, where somebody else listens on the port."""
    with socket.socket() as probe:
        # As the server will: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(f"{key}={port} is taken ({error.strerror}): set {key}={port + 1} or the like") from error
