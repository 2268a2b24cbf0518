"""Python imports this at its start where PYTHONPATH names the folder: a process notes at its end what it has imported.

A process that would become another program ends there.
"""

import atexit
import json
import os
import sys
import time
from pathlib import Path


def note() -> None:
    file = Path(os.environ["NOTED_IMPORTS"], f"{time.time_ns()}-{os.getpid()}.json")
    file.write_text(json.dumps([Path(sys.argv[0]).name, sorted(sys.modules)]), encoding="utf-8")


def _end_before_exec(event: str, _: object) -> None:
    if event == "os.exec":
        note()
        os._exit(0)


atexit.register(note)
sys.addaudithook(_end_before_exec)
