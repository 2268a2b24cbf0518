"""`synthsweep inspect`, in this process."""

import html
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer

FEW = ("data.train_size=40", "data.dev_size=10", "data.test_size=10", "generate.n=4", "characteristics.kind=lexical")


@pytest.mark.slow
def test_an_inspection_ends_in_sentences_a_table_and_a_page(cli: Callable[..., Answer]) -> None:
    """Below mlruns/ alone, with what to run next; no run is opened, for the page shows texts."""
    answer = cli("inspect", *FEW, "inspect.strangest=2", "mix=real_only")

    page = Path("mlruns/inspect/demo-recorded-plain.html")
    assert answer.status == 0, answer.err
    assert answer.out.startswith(
        "28 texts of recorded/plain beside 40 real training texts.\nCuration dropped none of 28 texts.\n"
    )
    assert "no clinical finding" in answer.out
    assert answer.out.splitlines()[-2:] == [
        f"Page: {page} (it shows texts: it stays here).",
        f"Next: open {page.absolute().as_uri()} in a browser; synthsweep run {' '.join(FEW)} mix=real_only",
    ]
    assert "The strangest texts" in page.read_text(encoding="utf-8")
    assert not Path("mlruns/mlflow.db").exists()


@pytest.mark.slow
def test_the_page_names_the_command_that_makes_it_again(cli: Callable[..., Answer]) -> None:
    """With every key; the run that follows has no inspect.* to set."""
    cli("inspect", *FEW, "inspect.strangest=2", "++inspect.out=elsewhere")

    page = html.unescape(Path("elsewhere/demo-recorded-plain.html").read_text(encoding="utf-8"))
    assert f"<pre>synthsweep inspect {' '.join(FEW)} inspect.strangest=2 ++inspect.out=elsewhere</pre>" in page
    assert f"<pre>synthsweep run {' '.join(FEW)}</pre>" in page


def test_a_sweep_is_refused_in_one_line(cli: Callable[..., Answer]) -> None:
    """Whatever else is wrong with it; Hydra adds no line of its own."""
    answer = cli("inspect", "-m", "prompt=plain,multilabel", "inspect.strangest=-1")

    line = "synthsweep: -m: synthsweep inspect looks at one pool; leave -m out, and give one choice per key"
    assert (answer.status, answer.out, answer.err) == (2, "", [line])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "page"),
    [
        (["prompt=attributed", "curation=none"], "mlruns/inspect/demo-recorded-attributed-none.html"),
        (["plant.duplication=0.5", "inspect.out=elsewhere"], "elsewhere/demo-recorded-plain-planted.html"),
        (["tracking.folder=there", "llm=simulator"], "there/inspect/demo-simulator-plain.html"),
    ],
)
def test_each_pool_has_a_page_of_its_own(cli: Callable[..., Answer], words: list[str], page: str) -> None:
    """So that two lie beside one another."""
    answer = cli("inspect", *FEW, *words)

    assert answer.status == 0, answer.err
    assert Path(page).is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["inspect.strangest=-1"], "inspect.strangest must be in [0, 1000], got -1"),
        (["inspect.points=3"], "inspect.points: no such key"),
        (["data=csv", "data.path=none.csv"], "data.path=none.csv: there is no such file"),
        (["llm.path=none.jsonl"], "llm.path: none.jsonl cannot be read"),
        (["curation.min_words=500"], "curation leaves none of 28 texts"),
    ],
)
def test_bad_input_is_one_line(cli: Callable[..., Answer], words: list[str], said: str) -> None:
    """Status 2, and no page is begun."""
    answer = cli("inspect", *words, *FEW)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[-1].startswith(f"synthsweep: {said}")
    assert not Path("mlruns/inspect").exists()


def test_a_page_that_cannot_be_written_is_one_line(cli: Callable[..., Answer]) -> None:
    Path("taken").write_text("a file where the folder should be")
    answer = cli("inspect", *FEW, "inspect.out=taken")

    assert (answer.status, answer.out) == (1, "")
    assert answer.err[-1].startswith("synthsweep: taken/demo-recorded-plain.html: the page cannot be written: ")


def test_an_encoder_that_is_not_here_is_one_line(cli: Callable[..., Answer]) -> None:
    """Status 2; lexical characteristics would need none."""
    answer = cli("inspect", *FEW[:-1], "characteristics.embedder=no/such")

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[-1].startswith("synthsweep: characteristics.embedder")
