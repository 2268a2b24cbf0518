"""The command line: one line for wrong input, nothing heavy for help."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import AB_CSV, Answer
from synthsweep.cli.main import main

BAD_CONFIGURATIONS = {
    "synthsweep rum": ("rum: no such verb; did you mean synthsweep run?",),
    "synthsweep train": (
        "train: no such verb; there are run, generate, inspect, audit, sweeps, studies, work, compare, predict, export, ui, "
        "doctor",
    ),
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
    "run evaluation.threshold=best": (
        "evaluation.threshold must be a number in [0, 1], dev_fB (as dev_f1, dev_f2)",
        "got best",
    ),
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
    "run model=null": ("null is not a choice of a group",),
    "ui ui.port=0": ("ui.port must be in [1, 65535], got 0",),
    "ui tracking=none": ("tracking.kind must be local or server for synthsweep ui, got none",),
}

BAD_DATA = {
    "data.text=words": ("data.text=words: my.csv has no such column; it has id, child, text, A, B",),
    "labels=dsm5_asd": ("labels.ids: my.csv has no column A1", "set labels=from_data"),
    "data.id=child": ("rows 2, 3, 4 and 57 more: child is not unique",),
    "data.path=empty.csv": ("empty.csv holds no rows",),
    "data.path=gap.csv": ("gap.csv row 3: text is empty",),
    "data.path=two.csv labels.ids=[A,B]": ("two.csv row 4: B must be 0 or 1, got '2'",),
    "data.path=two.csv": ("two.csv row 4: B must be 0 or 1, got '2'",),
    "data.label_column=codes": ("data.label_column=codes: my.csv has no such column; it has id, child, text, A, B",),
    "data.path=latin.csv": ("latin.csv is not UTF-8 text", "data.encoding=cp1252"),
    "data.path=rows.jsonl": ("data.path=rows.jsonl: data=csv reads no such file; take data=jsonl",),
    "data.path=book.xlsx": ("export the sheet as CSV UTF-8",),
    "data.path=three.csv": ("train, dev, test need at least 3 rows, got 2",),
    "model.name_or_path=.": ("model.name_or_path=.: this folder holds no model (no config.json)",),
    "model.name_or_path=nowhere/none": ("model.name_or_path=nowhere/none: it cannot be loaded", "hf download"),
    "training.device=mps": ("training.device=mps: torch sees none here; set training.device=auto",),
    "mix=augment llm.path=none.jsonl": ("llm.path: none.jsonl cannot be read (No such file or directory)",),
    "mix=augment llm.path=refused.jsonl": ("the pool has 0", "get a larger pool", "1 pieces of replies (refusal)"),
    "data.train_size=999": ("data.train_size must be at most", "got 999"),
    "mix=augment": ("llm=recorded has replies for A1", "none for A, B", "llm.path=FILE"),
    "mix=augment llm.path=pool.jsonl mix.ratio=2": ("mix.ratio=2", "the pool has 2", "too few"),
    "mix=augment llm.path=bad.jsonl": ("bad.jsonl row 2: label 'C' is none of labels.ids (A, B)",),
    "model.frozen_layers=9": ("model.frozen_layers must be in [0, 2]", "got 9"),
    "training.max_length=4096": ("training.max_length must be at most 512", "got 4096"),
}


@pytest.fixture
def files() -> None:
    Path("my.csv").write_text(AB_CSV)
    Path("empty.csv").write_text("id,text,A,B\n")
    Path("gap.csv").write_text("id,text,A,B\n1,one,0,1\n2,,1,0\n")
    Path("two.csv").write_text("id,text,A,B\n1,one,0,1\n2,two,1,0\n3,three,1,2\n")
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

    assert (answer.status, len(answer.err), answer.out) == (2, 1, "")
    assert answer.err[0].startswith("synthsweep: ")
    assert [part for part in BAD_CONFIGURATIONS[command] if part not in answer.err[0]] == []
    assert not Path("mlruns/mlflow.db").exists()


@pytest.mark.parametrize("override", BAD_DATA)
@pytest.mark.usefixtures("files")
def test_wrong_data_is_one_line_and_status_2(cli: Callable[..., Answer], override: str) -> None:
    """The last line names the file, the row and the way out; no run is opened."""

    shared = ("run", "data=csv", "data.path=my.csv", "labels=from_data", "mix=real_only", "model=tiny", "tracking=none")
    answer = cli(*shared, *override.split())

    assert (answer.status, answer.out) == (2, "")
    assert [part for part in BAD_DATA[override] if part not in answer.err[-1]] == []
    assert "Traceback" not in "".join(answer.err)


def test_help_names_every_verb(cli: Callable[..., Answer]) -> None:
    """Without a word and with --help the same page."""

    page = cli("--help")

    assert page == cli()
    assert (page.status, page.err) == (0, [])
    assert {"run", "ui", "doctor"} <= {line.split()[0] for line in page.out.splitlines() if line.startswith("  ")}


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_help_fits_into_the_terminal(cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Only a command, which can be copied whole, may be longer."""
    monkeypatch.setenv("COLUMNS", str(width))

    lines = cli("--help").out.splitlines()

    assert [line for line in lines if len(line) > width and not line.strip().startswith(("synthsweep ", "Usage: "))] == []


def test_the_version_is_the_packages(cli: Callable[..., Answer]) -> None:
    from synthsweep import __version__

    assert cli("--version").out == f"synthsweep {__version__}\n"


def test_a_verbs_help_shows_what_would_be_composed(cli: Callable[..., Answer]) -> None:
    """The choices that are given change the defaults that are shown; no run begins, and no file of the user is read."""

    page = cli("run", "--help", "data=csv", "data.path=none.csv", "-m")
    topic = cli("run", "llm=vllm", "--help", "llm.base_url", "mix.ratio")

    assert (page.status, page.err) == (0, [])
    assert "\n  training.learning_rate=0.0001 " in page.out
    assert (topic.status, topic.err) == (0, [])
    assert "\n  default  http://127.0.0.1:8000/v1\n" in topic.out
    assert "\n  range    in [0, 10]\n" in topic.out
    assert not Path("mlruns").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("run", "--help", "mix.ration"), "synthsweep: mix.ration: no such key; did you mean mix.ratio?"),
        (("ui", "-h", "llm"), "synthsweep: llm: no such key; see synthsweep ui --help all"),
        (
            ("run", "--help", "mix=augmnet"),
            "synthsweep: mix=augmnet: no such choice; did you mean augment? there are augment, ",
        ),
    ],
)
def test_help_about_nothing_is_one_line(cli: Callable[..., Answer], words: tuple[str, ...], line: str) -> None:
    answer = cli(*words)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[-1].startswith(line)


def test_a_full_error_is_shown_on_demand(
    cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """HYDRA_FULL_ERROR=1 means what it means in every Hydra application."""

    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")

    status = main(["run", "mix.ratio=-1"])

    said = capfd.readouterr().err
    assert status == 2
    assert "Traceback (most recent call last)" in said
    assert said.splitlines()[-1] == "synthsweep: mix.ratio must be in [0, 10], got -1.0: synthetic texts for each real one"


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("compare demo", "did you mean synthsweep compare study=demo?"),
        ("compare powr", "did you mean power?"),
        ("sweeps demo", "did you mean synthsweep run -m sweeps=demo?"),
        ("run -m demo", "did you mean synthsweep run -m sweeps=demo?"),
        ("run demo", "did you mean synthsweep run -m sweeps=demo or synthsweep run data=demo?"),
        ("run --cfg job attributed", "did you mean synthsweep run prompt=attributed?"),
        ("generate gpt-4o-mini", "did you mean synthsweep generate llm=gpt-4o-mini?"),
        ("ratio_response", "did you mean synthsweep run -m sweeps=ratio_response?"),
        ("run sweeps=ci seed=2", "add -m, as in synthsweep run -m sweeps=ci seed=2"),
    ],
)
def test_a_bare_word_gives_the_command_that_was_meant(cli: Callable[..., Answer], command: str, meant: str) -> None:
    """A choice, a study or a question without its key is the commonest slip."""

    answer = cli(*command.split())

    assert (answer.status, len(answer.err), answer.out) == (2, 1, "")
    assert meant in answer.err[0]


@pytest.mark.parametrize("words", ["run --hydra-help", "compare power --info defaults", "audit export --cfg hydra"])
def test_hydras_own_flags_work_for_each_verb(cli: Callable[..., Answer], words: str) -> None:
    """As in every Hydra application."""

    answer = cli(*words.split())

    assert answer.status == 0
    assert answer.out


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("run --epochs 3", "--epochs: no such flag; keys have no dashes, as in KEY=VALUE; did you mean training.epochs?"),
        ("run epochs=3", "epochs: no such key; did you mean training.epochs?"),
        ("run --help epochs", "epochs: no such key; did you mean training.epochs?"),
        (
            "run data.path=größe.csv",
            "data.path=größe.csv: a value with letters like these needs quotes: write \"data.path='größe.csv'\"",
        ),
        ("run -m sweeps=2024", "Config group override must be a string or a list. Got int: write the name of a choice"),
    ],
)
def test_what_a_newcomer_types_gives_the_way_out(cli: Callable[..., Answer], command: str, line: str) -> None:
    answer = cli(*command.split())

    assert (answer.status, len(answer.err)) == (2, 1)
    assert answer.err[0].startswith(f"synthsweep: {line}")


@pytest.mark.slow
def test_a_flag_may_stand_between_overrides(cli: Callable[..., Answer]) -> None:
    """Whoever is told to add -m adds it where the cursor is."""
    answer = cli("run", "experiment=ci", "-m", "mix.ratio=0,1", "sweep.dry_run=true")

    assert (answer.status, answer.err) == (0, [])
    assert "factorial, 2 configurations" in answer.out
