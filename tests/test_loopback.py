"""Ports of our own servers."""

import socket

import pytest

from synthsweep.errors import InputError
from synthsweep.loopback import HOST, require_free


def test_a_port_that_is_taken_is_one_line_with_another() -> None:
    """The key is the one that the user can set; a free port says nothing."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(InputError, match=rf"^audit.port={port} is taken \(.*\): set audit.port={port + 1} or the like$"):
            require_free(port, "audit.port")
    require_free(port, "audit.port")
