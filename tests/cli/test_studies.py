"""`synthsweep studies` and `studies stop`, as they are typed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer

Cli = Callable[..., Answer]


def test_a_folder_without_studies_says_so_and_stays_empty(cli: Cli) -> None:
    answer = cli("studies")

    assert (answer.status, list(Path().iterdir())) == (0, [])
    assert answer.out.startswith("No study is kept in ")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("studies", "dose"), "study=dose: "),
        (("studies", "stop"), "study must name a study, got nothing"),
        (("studies", "stpo"), "studies stpo: no such verb; did you mean stop?"),
        (("studies", "hydra.sweeper.storage=sqlite:///no.db"), "hydra.sweeper.storage: "),
        (
            ("studies", "hydra.sweeper.storage=mysql://x/y"),
            "hydra.sweeper.storage must be sqlite:/// or postgresql://, got mysql",
        ),
        (("studies", "hydra.sweeper.lease_s=0"), "hydra.sweeper.lease_s must be at least 1, got 0"),
        (("work", "a", "study=b"), "work takes one study, got a, b"),
        (("work",), "study must name a study, got nothing"),
    ],
)
def test_bad_input_is_one_line(cli: Cli, words: tuple[str, ...], line: str) -> None:
    """Status 2, and nothing is written."""
    answer = cli(*words)

    assert (answer.status, list(Path().iterdir())) == (2, [])
    assert answer.err[-1].startswith(f"synthsweep: {line}")


def test_a_server_that_does_not_answer_is_one_line_without_its_password(cli: Cli) -> None:
    answer = cli("studies", "hydra.sweeper.storage=postgresql+psycopg://me:secret@127.0.0.1:9/studies")

    assert (answer.status, len(answer.err)) == (1, 1)
    assert "secret" not in answer.err[0]
