"""`synthsweep run`, in this process."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from support.builders import AB_CSV, Answer

FAST = ("experiment=ci", "training.epochs=1", "training.threads=1", "tracking.figures=false")
TINY = (
    "data=csv", "data.path=my.csv", "labels=from_data", "model=tiny", "training.epochs=1", "training.threads=1",
    "tracking=none",
)  # fmt: skip


@pytest.mark.slow
def test_a_csv_of_the_users_own_runs_to_a_table(cli: Callable[..., Answer]) -> None:
    """One 0/1 column per label, split by child, no LLM."""

    Path("my.csv").write_text(AB_CSV)

    answer = cli("run", *TINY, "data.group=child", "mix=real_only")

    rows = [line.split("│")[1].strip() for line in answer.out.splitlines() if line.startswith("│")]
    assert answer.status == 0
    assert rows == ["A", "B", "macro", "micro", "weighted"]
    assert "Kept nowhere (tracking=none)." in answer.out
    assert not Path("mlruns/mlflow.db").exists()


def test_the_current_folders_conf_adds_choices_and_comes_first(cli: Callable[..., Answer]) -> None:
    """A lab's own model file needs no flag."""

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
def test_studies_of_two_folders_in_one_process_are_kept_apart(
    cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`mlruns` is that of the working folder at the time: a notebook may go to another."""

    study = (
        "run", "-m", "experiment=ci", "study=one", "training.epochs=1", "mix=real_only", "hydra/launcher=basic",
        "tracking.figures=false",
    )  # fmt: skip
    kept = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert cli(*study, "training.learning_rate=1e-4,1e-3").status == 0
        kept.append(len(list(Path("mlruns/artifacts").rglob("predictions.parquet"))))

    assert kept == [2, 2]


@pytest.mark.slow
def test_another_sweeper_gets_the_dev_score_of_each_job(cli: Callable[..., Answer]) -> None:
    """Hydra's own sweeper still runs the jobs one by one, with a table each."""

    answer = cli(
        "run", "-m", "experiment=ci", "tracking=none", "training.epochs=1", "training.threads=1", "mix.ratio=0,0.25",
        "hydra/launcher=basic", "hydra/sweeper=basic",
    )  # fmt: skip

    assert answer.status == 0
    assert [line for line in answer.out.splitlines() if line.endswith(": test")] == [
        "real_only s1: test",
        "plain x0.25 s1: test",
    ]


def test_what_only_a_multirun_can_do_is_refused_without_m(cli: Callable[..., Answer]) -> None:
    answer = cli("run", "replicates=2")

    assert answer.status == 2
    assert answer.err[-1] == "synthsweep: replicates is for a multirun: add -m, as in synthsweep run -m ..."


@pytest.mark.parametrize("mode", [(), ("-m", "mix.ratio=0,0.25")])
def test_a_folder_for_each_run_is_refused(cli: Callable[..., Answer], mode: tuple[str, ...]) -> None:
    """Each would have a store and a budget of its own."""

    answer = cli("run", *mode, "experiment=ci", "hydra.job.chdir=true")

    assert answer.status == 2
    assert answer.err[-1].startswith("synthsweep: hydra.job.chdir must be false, got true: ")
    assert not Path("mlruns/mlflow.db").exists()


def test_a_folder_that_cannot_be_made_is_one_line(cli: Callable[..., Answer]) -> None:
    """Hydra makes it before it calls us."""

    Path("mlruns").write_text("a file in its place")

    answer = cli("run", *FAST)

    assert (answer.status, len(answer.err)) == (2, 1)
    assert "Not a directory; runs need a folder to write to: set tracking.folder=FOLDER" in answer.err[0]


@pytest.mark.slow
def test_a_csv_with_semicolons_is_read(cli: Callable[..., Answer]) -> None:
    """Spreadsheets write one where a comma is the decimal sign."""

    Path("my.csv").write_text(AB_CSV.replace(",", ";"))

    answer = cli("run", *TINY, "mix=real_only")

    assert answer.status == 0
    assert "labels: 2 read as 0/1 columns: A, B" in "".join(answer.err)


@pytest.mark.slow
def test_a_pool_without_a_label_gives_a_warning(cli: Callable[..., Answer]) -> None:
    """Its synthetic texts can only lower that label's share."""

    Path("my.csv").write_text(AB_CSV)
    Path("pool.jsonl").write_text("".join(f'{{"label": "A", "text": "word {i}"}}\n' for i in range(40)))

    answer = cli("run", *TINY, "llm.path=pool.jsonl")

    assert answer.status == 0
    assert "WARNING: no synthetic text carries B: they dilute it" in answer.err


def test_a_bad_run_ends_a_multirun_with_its_line(cli: Callable[..., Answer]) -> None:
    """Hydra's own launcher stops at the first error; the reason is still one line of ours."""

    answer = cli("run", "-m", "experiment=ci", "tracking=none", "mix.ratio=0,99")

    assert answer.status == 2
    assert answer.err[-1] == "synthsweep: mix.ratio must be in [0, 10], got 99.0: synthetic texts for each real one"


@pytest.mark.slow
def test_a_password_in_an_override_reaches_no_tag(cli: Callable[..., Answer]) -> None:
    """Everybody who reads the store can read the command that a run is tagged with."""

    uri = f"sqlite:///{Path.cwd()}/other.db"
    answer = cli("run", *FAST, "tracking=local", f"tracking.uri={uri}", "study=http://me:secret@host/x")

    run = MlflowClient(tracking_uri=uri).search_runs(["1"])[0]
    assert answer.status == 0, answer.err
    assert "study=http://host/x" in run.data.tags["command"]
