"""The command line: one line for wrong input, nothing heavy for help."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from synthsweep.cli import main

CSV = "id,child,text,A,B\n" + "".join(f"{i},c{i % 9},sentence number {i},{i % 2},{int(i % 3 == 0)}\n" for i in range(60))


class Answer(NamedTuple):
    status: int
    out: str
    err: list[str]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Answer]]:
    """Runs a command in this process and gives its exit status, stdout and lines of stderr."""
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    handler = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> Answer:
        monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
        status = main(arguments)
        said = capfd.readouterr()
        return Answer(status, said.out, said.err.splitlines())

    yield run
    signal.signal(signal.SIGTERM, handler)
    os.environ.pop("HYDRA_FULL_ERROR", None)


FAST = ("experiment=ci", "training.epochs=1", "training.threads=1", "tracking.figures=false")

BAD_CONFIGURATIONS = {
    "synthsweep rum": ("rum: no such verb; did you mean synthsweep run?",),
    "synthsweep train": ("train: no such verb; there are run, ui, doctor",),
    "run mix.ration=1": ("mix.ration", "did you mean mix.ratio?"),
    "run model=bioberty": ("model=bioberty: no such choice", "biobert"),
    "run training.epochs=many": ("training.epochs must be a whole number, got many",),
    "run mix.ratio=half": ("mix.ratio must be a number, got half",),
    "run training.match_steps=maybe": ("training.match_steps must be true or false, got maybe",),
    "run --mix.ratio=0.5": ("--mix.ratio=0.5: write it without the dashes: mix.ratio=0.5",),
    "run sweeps=ci": ("sweeps=ci is a multirun: add -m",),
    "run llm.model=gpt-4": ("llm.model names who wrote the texts of llm.path, got gpt-4",),
    "run data=csv data.path=.": ("data.path=.: this is a folder",),
    "run mix.ratio=-1": ("mix.ratio must be in [0, 10], got -1.0",),
    "run training.learning_rate=nan": ("training.learning_rate must be in (0, 1], got nan",),
    "run evaluation.threshold=best": ("evaluation.threshold must be dev_f1 or a number in [0, 1], got best",),
    "run +mix.share=1": ("share: no such key",),
    "run mix.ratio": ("mix.ratio: this is no override",),
    "run mix.ratio=0,1": ("mix.ratio=0,1: to vary it add -m",),
    "run data=csv": ("data=csv needs either data.path or data.files.train",),
    "run data=csv data.path=none.csv": ("data.path=none.csv: there is no such file",),
    "run labels.ids=[A,A]": ("labels.ids must be different from each other, got 'A' twice",),
    "run labels.ids=[macro]": ("labels.ids must be letters", "'macro'"),
    "run tracking=server tracking.uri=nowhere": ("tracking.uri must be an http:// or https:// address", "nowhere"),
    "run data.dev_share=0.6 data.test_share=0.6": ("data.dev_share + data.test_share must be below 1, got 1.2",),
    "run llm=simulator llm.path=x.jsonl": ("llm.path needs llm=recorded",),
    "run seeds.init=${nope}": ("seeds.init", "nope"),
    "run model=null": ("Config group override must be a string",),
    "ui ui.port=0": ("ui.port must be in [1, 65535], got 0",),
    "ui tracking=none": ("tracking.kind must be local for synthsweep ui, got none",),
}

BAD_DATA = {
    "data.text=words": ("data.text=words: my.csv has no such column; it has id, child, text, A, B",),
    "labels=dsm5_asd": ("labels.ids: my.csv has no column A1", "set labels=from_data"),
    "data.id=child": ("rows 2, 3, 4 and 57 more: child is not unique",),
    "data.path=empty.csv": ("empty.csv holds no rows",),
    "data.path=gap.csv": ("gap.csv row 3: text is empty",),
    "data.path=two.csv labels.ids=[A,B]": ("two.csv row 4: B must be 0 or 1, got '2'",),
    "data.path=two.csv": ("two.csv row 4: B must be 0 or 1, got '2'",),
    "data.path=words.csv": ("where A holds 'no' and 'yes' (write 0 and 1)",),
    "data.label_column=codes": ("data.label_column=codes: my.csv has no such column; it has id, child, text, A, B",),
    "data.path=latin.csv": ("latin.csv is no UTF-8 text", "export it as CSV UTF-8"),
    "data.path=rows.jsonl": ("data.path=rows.jsonl: data=csv reads no such file; take data=jsonl",),
    "data.path=book.xlsx": ("export the sheet as CSV UTF-8",),
    "data.path=three.csv": ("train, dev, test need at least 3 rows, got 2",),
    "model.name_or_path=.": ("model.name_or_path=.: this folder holds no model (no config.json)",),
    "model.name_or_path=nowhere/none": ("model.name_or_path=nowhere/none: it cannot be loaded", "hf download"),
    "training.device=mps": ("training.device=mps: torch sees none here; set training.device=auto",),
    "mix=augment llm.path=none.jsonl": ("llm.path=none.jsonl: it cannot be read (No such file or directory)",),
    "mix=augment llm.path=refused.jsonl": ("the pool has 0", "get a larger pool", "1 pieces of replies (no list item)"),
    "data.train_size=999": ("data.train_size must be at most", "got 999"),
    "mix=augment": ("llm=recorded has replies for A1", "none for A, B", "llm.path=FILE"),
    "mix=augment llm.path=pool.jsonl mix.ratio=2": ("mix.ratio=2", "the pool has 2", "too few"),
    "mix=augment llm.path=bad.jsonl": ("bad.jsonl row 2: label 'C' is none of labels.ids (A, B)",),
    "model.frozen_layers=9": ("model.frozen_layers must be in [0, 2]", "got 9"),
    "training.max_length=4096": ("training.max_length must be at most 512", "got 4096"),
}


@pytest.fixture
def files() -> None:
    Path("my.csv").write_text(CSV)
    Path("empty.csv").write_text("id,text,A,B\n")
    Path("gap.csv").write_text("id,text,A,B\n1,one,0,1\n2,,1,0\n")
    Path("two.csv").write_text("id,text,A,B\n1,one,0,1\n2,two,1,0\n3,three,1,2\n")
    Path("words.csv").write_text("id,text,A\n1,one,yes\n2,two,no\n3,three,yes\n")
    Path("latin.csv").write_bytes("id,text,A,B\n1,na\xefve,1,0\n".encode("latin-1"))
    Path("rows.jsonl").write_text('{"text": "one", "A": 1}\n' * 9)
    Path("book.xlsx").write_bytes(b"PK")
    Path("three.csv").write_text("id,text,A,B\n1,one,0,1\n2,two,1,0\n")
    Path("refused.jsonl").write_text('{"label": "A", "reply": "I cannot help with that."}\n')
    Path("pool.jsonl").write_text('{"label": "A", "text": "one"}\n{"label": "B", "text": "two", "also": ["A"]}\n')
    Path("bad.jsonl").write_text('{"label": "A", "text": "one"}\n{"label": "C", "text": "two"}\n')


@pytest.mark.parametrize("command", BAD_CONFIGURATIONS)
def test_a_wrong_configuration_is_one_line_and_status_2(cli: Callable[..., Answer], command: str) -> None:
    """The line names the key, the rule and the value; no folder appears."""

    answer = cli(*command.removeprefix("synthsweep ").split())

    assert (2, 1, "") == (answer.status, len(answer.err), answer.out)
    assert answer.err[0].startswith("synthsweep: ")
    assert [] == [part for part in BAD_CONFIGURATIONS[command] if part not in answer.err[0]]
    assert not Path("mlruns/mlflow.db").exists()


@pytest.mark.parametrize("override", BAD_DATA)
@pytest.mark.usefixtures("files")
def test_wrong_data_is_one_line_and_status_2(cli: Callable[..., Answer], override: str) -> None:
    """The last line names the file, the row and the way out; no run is opened."""

    shared = ("run", "data=csv", "data.path=my.csv", "labels=from_data", "mix=real_only", "model=tiny", "tracking=none")
    answer = cli(*shared, *override.split())

    assert (2, "") == (answer.status, answer.out)
    assert [] == [part for part in BAD_DATA[override] if part not in answer.err[-1]]
    assert "Traceback" not in "".join(answer.err)


def test_help_names_every_verb(cli: Callable[..., Answer]) -> None:
    """Without a word and with --help the same page."""

    page = cli("--help")

    assert page == cli()
    assert (0, []) == (page.status, page.err)
    assert {"run", "ui", "doctor"} <= {line.split()[0] for line in page.out.splitlines() if line.startswith("  ")}


def test_the_version_is_the_packages(cli: Callable[..., Answer]) -> None:
    """One line, for bug reports."""

    from synthsweep import __version__

    assert f"synthsweep {__version__}\n" == cli("--version").out


def test_a_verbs_help_lists_choices_and_keys(cli: Callable[..., Answer]) -> None:
    """Hydra's own page, with the groups and the composed configuration."""

    page = cli("run", "--help")

    assert (0, []) == (page.status, page.err)
    assert "mix: augment, real_only, synthetic_only" in page.out
    assert "learning_rate: 0.0001" in page.out


def test_a_full_error_is_shown_on_demand(
    cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """HYDRA_FULL_ERROR=1 means what it means in every Hydra application."""

    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")

    status = main(["run", "mix.ratio=-1"])

    said = capfd.readouterr().err
    assert 2 == status
    assert "Traceback (most recent call last)" in said
    assert "synthsweep: mix.ratio must be in [0, 10], got -1.0" == said.splitlines()[-1]


@pytest.mark.usefixtures("files")
def test_a_csv_of_the_users_own_runs_to_a_table(cli: Callable[..., Answer]) -> None:
    """One 0/1 column a label, split by child, no LLM."""

    answer = cli(
        "run", "data=csv", "data.path=my.csv", "data.group=child", "labels=from_data", "mix=real_only", "model=tiny",
        "training.epochs=1", "training.threads=1", "tracking=none",
    )  # fmt: skip

    assert 0 == answer.status
    assert ["A", "B", "macro", "micro", "weighted"] == [
        line.split("│")[1].strip() for line in answer.out.splitlines() if line.startswith("│")
    ]
    assert "Kept nowhere (tracking=none)." in answer.out
    assert not Path("mlruns/mlflow.db").exists()


def test_the_current_folders_conf_adds_choices_and_comes_first(cli: Callable[..., Answer]) -> None:
    """A lab's own model file is found without a flag."""

    Path("conf/model").mkdir(parents=True)
    Path("conf/model/ours.yaml").write_text("name: ours\nname_or_path: /models/ours\n")
    Path("conf/model/tiny.yaml").write_text("name: mine\n")

    ours, mine = (cli("run", f"model={name}", "--cfg", "job", "-p", "model").out for name in ("ours", "tiny"))

    assert "name_or_path: /models/ours" in ours
    assert "name: mine" in mine


def test_a_multirun_varies_any_key(cli: Callable[..., Answer]) -> None:
    """Each value is a run of its own, below mlruns/ alone."""

    answer = cli(
        "run", "-m", "experiment=ci", "tracking=none", "training.epochs=1", "training.threads=1", "mix.ratio=0,0.25",
    )  # fmt: skip

    assert 0 == answer.status
    assert ["real_only seed 1: test", "augment 0.25 recorded/plain seed 1: test"] == [
        line for line in answer.out.splitlines() if line.endswith(": test")
    ]
    assert ["mlruns"] == [path.name for path in Path().iterdir()]


def test_a_folder_that_cannot_be_made_is_one_line(cli: Callable[..., Answer]) -> None:
    """Hydra makes it before anything of ours is called."""

    Path("mlruns").write_text("a file in its place")

    answer = cli("run", *FAST)

    assert (2, 1) == (answer.status, len(answer.err))
    assert "Not a directory; runs need a folder to write to: set tracking.folder=FOLDER" in answer.err[0]


def test_a_csv_of_semicolons_is_read(cli: Callable[..., Answer]) -> None:
    """Spreadsheets of half the world write one."""

    Path("my.csv").write_text(CSV.replace(",", ";"))

    answer = cli(
        "run", "data=csv", "data.path=my.csv", "labels=from_data", "mix=real_only", "model=tiny", "training.epochs=1",
        "training.threads=1", "tracking=none",
    )  # fmt: skip

    assert 0 == answer.status
    assert "labels A, B" in "".join(answer.err)


def test_a_pool_without_a_label_is_warned_of(cli: Callable[..., Answer]) -> None:
    """Its synthetic texts can only lower that label's share."""

    Path("my.csv").write_text(CSV)
    Path("pool.jsonl").write_text("".join(f'{{"label": "A", "text": "word {i}"}}\n' for i in range(40)))

    answer = cli(
        "run", "data=csv", "data.path=my.csv", "labels=from_data", "llm.path=pool.jsonl", "model=tiny", "training.epochs=1",
        "training.threads=1", "tracking=none",
    )  # fmt: skip

    assert 0 == answer.status
    assert "WARNING: no synthetic text carries B: they dilute it" in answer.err


def test_a_bad_run_ends_a_multirun_with_its_line(cli: Callable[..., Answer]) -> None:
    """Hydra's own launcher stops at the first error; the reason is still one line of ours."""

    answer = cli("run", "-m", "experiment=ci", "tracking=none", "mix.ratio=0,99")

    assert 2 == answer.status
    assert "synthsweep: mix.ratio must be in [0, 10], got 99.0" == answer.err[-1]


def test_a_port_that_is_taken_is_one_line(cli: Callable[..., Answer]) -> None:
    """The UI of another folder may still be open."""

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = cli("ui", f"ui.port={port}")

    assert 2 == answer.status
    assert f"synthsweep: ui.port={port} is taken" in answer.err[-1]


def test_a_password_in_an_override_reaches_no_tag(cli: Callable[..., Answer]) -> None:
    """The command that a run is tagged with can be read by whoever reads the store."""

    from mlflow.tracking import MlflowClient

    uri = f"sqlite:///{Path.cwd()}/other.db"
    answer = cli("run", *FAST, "tracking=local", f"tracking.uri={uri}", "study=http://me:secret@host/x")

    run = MlflowClient(tracking_uri=uri).search_runs(["1"])[0]
    assert 0 == answer.status, answer.err
    assert "study=http://host/x" in run.data.tags["command"]


def test_doctor_has_a_line_a_check(cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is said to be there, and never shown."""

    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")

    answer = cli("doctor")

    states = {line.split()[1]: line.split()[0] for line in answer.out.splitlines()[:-1]}
    assert 0 == answer.status
    assert {
        "python": "ok",
        "torch": "ok",
        "weights": "ok",
        "OPENAI_API_KEY": "ok",
        "runs": "ok",
        "disk": "ok",
    }.items() <= states.items()
    assert "secret" not in json.dumps(answer)
