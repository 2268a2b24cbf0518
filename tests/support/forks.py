"""Commands of `synthsweep` as processes of their own that need not import torch, MLflow and the rest again.

They are forks of one process, which is itself a fork of pytest's: after all modules are imported and before any test runs, so
that it has opened no store, drawn no number and started no thread.
"""

import gc
import json
import logging
import os
import socket
import struct
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.builders import Answer
from support.patience import LIMIT_S

LENGTH = struct.Struct("!I")


@dataclass
class Forks:
    """The process that forks; it ends with the one that started it."""

    asked: socket.socket

    def run(self, *words: str, **variables: str) -> Answer:
        """A command from its start to its end, in the working folder and with the environment of the test."""
        request = json.dumps([words, str(Path.cwd()), {**os.environ, **variables}]).encode()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(self.asked, [LENGTH.pack(len(request))], [out.fileno(), err.fileno()])
            self.asked.sendall(request)
            status = LENGTH.unpack(_received(self.asked, LENGTH.size))[0]
            said = [_read(file) for file in (out, err)]
        return Answer(status, said[0], said[1].splitlines())


def start_forks() -> Forks:
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        _serve(theirs)
    theirs.close()
    ours.settimeout(LIMIT_S)
    return Forks(ours)


def _serve(asked: socket.socket) -> None:
    gc.freeze()
    # pytest waits for the end of its own pipes.
    os.closerange(3, asked.fileno())
    os.closerange(asked.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    while True:
        start, files, _, _ = socket.recv_fds(asked, LENGTH.size, 2)
        if not start:
            os._exit(0)
        words, folder, variables = json.loads(_received(asked, LENGTH.unpack(start)[0]))
        child = os.fork()
        if child == 0:
            asked.close()
            _perform(words, folder, variables, files)
        for file in files:
            os.close(file)
        asked.sendall(LENGTH.pack(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))


def _perform(words: list[str], folder: str, variables: Mapping[str, str], files: list[int]) -> None:
    status = 70
    try:
        for place, file in enumerate(files, start=1):
            os.dup2(file, place)
        sys.stdout, sys.stderr = (os.fdopen(place, "w", buffering=1) for place in (1, 2))
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        sys.argv = ["synthsweep", *words]
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        from synthsweep.cli.main import main

        status = main(words)
        logging.shutdown()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _received(asked: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        more = asked.recv(size - len(parts))
        if not more:
            raise ConnectionError("the process that forks is gone")
        parts += more
    return parts


def _read(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode())
