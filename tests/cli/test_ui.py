"""`synthsweep ui`, in this process."""

import socket
from collections.abc import Callable

from support.builders import Answer


def test_a_port_that_is_taken_is_one_line(cli: Callable[..., Answer]) -> None:
    """The UI of another folder may still be open."""

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = cli("ui", f"ui.port={port}")

    assert answer.status == 2
    assert f"synthsweep: ui.port={port} is taken" in answer.err[-1]
