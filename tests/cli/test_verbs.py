"""What each verb does, in this process."""

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import AB_CSV, Answer

FAST = ("experiment=ci", "training.epochs=1", "training.threads=1", "tracking.figures=false")


def test_a_csv_of_the_users_own_runs_to_a_table(cli: Callable[..., Answer]) -> None:
    """One 0/1 column a label, split by child, no LLM."""

    Path("my.csv").write_text(AB_CSV)
    answer = cli(
        "run", "data=csv", "data.path=my.csv", "data.group=child", "labels=from_data", "mix=real_only", "model=tiny",
        "training.epochs=1", "training.threads=1", "tracking=none",
    )  # fmt: skip

    assert answer.status == 0
    assert [line.split("│")[1].strip() for line in answer.out.splitlines() if line.startswith("│")] == [
        "A",
        "B",
        "macro",
        "micro",
        "weighted",
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


@pytest.mark.slow
def test_a_multirun_varies_any_key(cli: Callable[..., Answer]) -> None:
    """Each value is a trial of a study, below mlruns/ alone."""

    answer = cli(
        "run", "-m", "experiment=ci", "tracking=none", "training.epochs=1", "training.threads=1", "mix.ratio=0,0.25",
        "hydra/launcher=basic",
    )  # fmt: skip

    assert (answer.status, [line for line in answer.err if line.startswith("synthsweep:")]) == (0, [])
    assert set(re.findall(r"ratio=\S+ ", answer.out)) == {"ratio=0 ", "ratio=0.25 "}
    assert "2 of 2 replicates finished" in answer.out
    # Hydra's copy of the configuration would hold an address with its password.
    assert list(Path("mlruns").rglob(".hydra")) == []
    assert [path.name for path in Path().iterdir()] == ["mlruns"]


@pytest.mark.slow
def test_another_sweeper_gets_the_dev_score_of_each_job(cli: Callable[..., Answer]) -> None:
    """Hydra's own sweeper still runs the jobs one by one, with a table each."""

    answer = cli(
        "run", "-m", "experiment=ci", "tracking=none", "training.epochs=1", "training.threads=1", "mix.ratio=0,0.25",
        "hydra/launcher=basic", "hydra/sweeper=basic",
    )  # fmt: skip

    assert answer.status == 0
    assert [line for line in answer.out.splitlines() if line.endswith(": test")] == [
        "real_only seed 1: test",
        "augment 0.25 recorded/plain seed 1: test",
    ]


@pytest.mark.parametrize("key", ["replicates=2", "sweep.dry_run=true"])
def test_what_only_a_multirun_can_do_is_refused_without_m(cli: Callable[..., Answer], key: str) -> None:
    """One line that says what is missing."""

    answer = cli("run", key)

    assert (2, f"synthsweep: {key.partition('=')[0]} is for a multirun: add -m, as in synthsweep run -m ...") == (
        answer.status, answer.err[-1],
    )  # fmt: skip


def test_the_questions_are_listed(cli: Callable[..., Answer]) -> None:
    """Shipped ones and those of the current folder, which come first."""

    Path("sweeps").mkdir()
    Path("sweeps/ours.yaml").write_text("# @package _global_\n# Is ours the best?\nstudy: ours\n")
    Path("sweeps/ci.yaml").write_text("study: silent\n")

    lines = cli("sweeps").out.splitlines()

    assert any(line.split() == ["ours", "Is", "ours", "the", "best?"] for line in lines)
    assert any(line.startswith("ci ") and "says nothing" in line for line in lines)
    assert any(line.startswith("full_search ") for line in lines)


def test_a_folder_that_cannot_be_made_is_one_line(cli: Callable[..., Answer]) -> None:
    """Hydra makes it before anything of ours is called."""

    Path("mlruns").write_text("a file in its place")

    answer = cli("run", *FAST)

    assert (answer.status, len(answer.err)) == (2, 1)
    assert "Not a directory; runs need a folder to write to: set tracking.folder=FOLDER" in answer.err[0]


def test_a_csv_of_semicolons_is_read(cli: Callable[..., Answer]) -> None:
    """Spreadsheets of half the world write one."""

    Path("my.csv").write_text(AB_CSV.replace(",", ";"))

    answer = cli(
        "run", "data=csv", "data.path=my.csv", "labels=from_data", "mix=real_only", "model=tiny", "training.epochs=1",
        "training.threads=1", "tracking=none",
    )  # fmt: skip

    assert answer.status == 0
    assert "labels A, B" in "".join(answer.err)


def test_a_pool_without_a_label_is_warned_of(cli: Callable[..., Answer]) -> None:
    """Its synthetic texts can only lower that label's share."""

    Path("my.csv").write_text(AB_CSV)
    Path("pool.jsonl").write_text("".join(f'{{"label": "A", "text": "word {i}"}}\n' for i in range(40)))

    answer = cli(
        "run", "data=csv", "data.path=my.csv", "labels=from_data", "llm.path=pool.jsonl", "model=tiny", "training.epochs=1",
        "training.threads=1", "tracking=none",
    )  # fmt: skip

    assert answer.status == 0
    assert "WARNING: no synthetic text carries B: they dilute it" in answer.err


def test_a_bad_run_ends_a_multirun_with_its_line(cli: Callable[..., Answer]) -> None:
    """Hydra's own launcher stops at the first error; the reason is still one line of ours."""

    answer = cli("run", "-m", "experiment=ci", "tracking=none", "mix.ratio=0,99")

    assert answer.status == 2
    assert answer.err[-1] == "synthsweep: mix.ratio must be in [0, 10], got 99.0"


def test_a_port_that_is_taken_is_one_line(cli: Callable[..., Answer]) -> None:
    """The UI of another folder may still be open."""

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = cli("ui", f"ui.port={port}")

    assert answer.status == 2
    assert f"synthsweep: ui.port={port} is taken" in answer.err[-1]


@pytest.mark.slow
def test_a_password_in_an_override_reaches_no_tag(cli: Callable[..., Answer]) -> None:
    """The command that a run is tagged with can be read by whoever reads the store."""

    from mlflow.tracking import MlflowClient

    uri = f"sqlite:///{Path.cwd()}/other.db"
    answer = cli("run", *FAST, "tracking=local", f"tracking.uri={uri}", "study=http://me:secret@host/x")

    run = MlflowClient(tracking_uri=uri).search_runs(["1"])[0]
    assert answer.status == 0, answer.err
    assert "study=http://host/x" in run.data.tags["command"]


def test_doctor_has_a_line_a_check(cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is said to be there, and never shown."""

    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")

    answer = cli("doctor")

    states = {line.split()[1]: line.split()[0] for line in answer.out.splitlines()[:-1]}
    assert answer.status == 0
    assert {
        "python": "ok",
        "torch": "ok",
        "weights": "ok",
        "OPENAI_API_KEY": "ok",
        "runs": "ok",
        "disk": "ok",
    }.items() <= states.items()
    assert "secret" not in json.dumps(answer)
