"""Which version of a data set the hub gives now."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.hub_server import COMMIT, serving

ASK = "import sys; from synthsweep.corpus.hub import commit_of; print(commit_of(sys.argv[1], sys.argv[2] or None))"


def asked(endpoint: str, name: str, revision: str = "") -> str:
    """The hub's address is read when its client is imported, so each question is a process."""
    own = {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(Path("home").resolve()), "NO_PROXY": "*"}
    command = [sys.executable, "-c", ASK, name, revision]
    return subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
def test_a_data_set_is_the_commit_that_the_hub_names() -> None:
    """Nothing where the hub does not know it, or does not answer."""

    with serving("lab/notes", {"train.csv": b"text,A\none,1\n"}) as hub:
        known = asked(hub.endpoint, "lab/notes"), asked(hub.endpoint, "lab/notes", "v1"), asked(hub.endpoint, "lab/other")

    assert known == (COMMIT, COMMIT, "")
    assert asked(hub.endpoint, "lab/notes") == ""
