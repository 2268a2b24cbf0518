"""Every command of README and the guide works: exit status 0, in the order of its page, in a fresh folder."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.builders import Answer
from support.guide_commands import CANNOT_RUN, MINE, MORE, PAGES, TEXTS, Page, additions, reason_not_to_run
from support.guide_pages import PAGES as FILES
from support.guide_pages import Command, blocks, commands
from support.llm_server import serving
from support.patience import LIMIT_S
from synthsweep.cli.run import _process_store

SEXES, SITES = "fm", ("north", "south")
WITH_COMMANDS = [page for page in FILES if commands(page)]
Cli = Callable[..., Answer]


@pytest.fixture(scope="module")
def llm() -> Iterator[str]:
    """The address of a server that answers as an LLM."""
    with serving() as server:
        yield server.address


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An LLM's key, and the programs of this environment, as a reader has them."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_every_command_runs(page: str, cli: Cli, llm: str, migrated: Path) -> None:
    """One after the other; what cannot run here is composed, for a reason that is listed."""

    # MLflow takes seconds to make a store; a process keeps the store that it has opened.
    shutil.copytree(migrated, "mlruns")
    _process_store.cache_clear()
    write_files(page, PAGES.get(page, Page()))
    failed = []
    for command in [*map(Command, PAGES.get(page, Page()).before), *commands(page)]:
        status, said = perform(command.text, page, cli, llm)
        if status:
            failed.append(f"{command.text}\n{said}")

    assert failed == []


def test_what_is_not_run_is_on_a_page() -> None:
    """So that the list of exceptions holds nothing that no page says any more."""

    typed = [command.text for page in FILES for command in commands(page)]

    assert [part for part in CANNOT_RUN if not any(part in text for text in typed)] == []


def perform(command: str, page: str, cli: Cli, llm: str) -> tuple[int, str]:
    """The exit status of a command, and what it said if that is not 0."""
    reason = reason_not_to_run(command, page)
    if not command.startswith("synthsweep "):
        return (0, reason) if reason else run_in_shell(command)
    # A shell takes a backslash and the end of its line away; shlex keeps the end.
    words = shlex.split(command.replace("\\\n", ""), comments=True)[1:]
    if reason:
        words = [*(word for word in words if word != "-m"), "--cfg", "job"]
    answer = cli(*words, *(() if "--cfg" in words else additions(words, page, llm)))
    return answer.status, "\n".join(answer.err[-5:])


def run_in_shell(command: str) -> tuple[int, str]:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=LIMIT_S)
    return done.returncode, done.stderr


def write_files(page: str, needs: Page) -> None:
    """The files that a page shows, as it shows them, and those that a reader brings."""
    for name, content in needs.files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content_of(page, content), encoding="utf-8")


def content_of(page: str, content: str) -> str:
    if content in {MINE, MORE}:
        return table_of_texts(first=0 if content == MINE else 200)
    if content == TEXTS:
        return texts_of_an_llm()
    return next(block.text for block in blocks(page) if re.search(rf"^{content}$", block.text, re.MULTILINE))


def table_of_texts(*, first: int) -> str:
    """Two hundred texts of forty children with the columns of README's example, and those of subgroups."""
    rows = [
        f'{n},c{n % 40},"Note {n}: {WORDS[n % 7]} and {WORDS[n % 5]}.",{n % 2},{int(n % 3 == 0)},{SEXES[n % 2]},{SITES[n % 2]}'
        for n in range(first, first + 200)
    ]
    return "\n".join(["id,child,text,inattentive,restless,sex,site", *rows, ""])


def texts_of_an_llm() -> str:
    lines = [f'{{"label": "{label}", "text": "{label} text {n}, {WORDS[n % 7]}."}}' for n in range(40) for label in LABELS]
    return "\n".join([*lines, ""])


LABELS = ("inattentive", "restless")
WORDS = ("runs", "waits", "drifts off", "climbs the gate", "hums", "reads on", "asks twice")
