"""`synthsweep work` joins a study from another folder, with nothing but the addresses of its stores."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.begun_studies import begin_study
from support.builders import AB_CSV, Answer
from support.forks import Forks
from support.llm_server import Llm, Reply, completion, serving
from support.stores import made_tables
from synthsweep.run.contents import file_digest
from synthsweep.study.shared.inputs import read_joined
from synthsweep.sweep.local_files import HEAD

__all__ = ["made_tables"]

Cli = Callable[..., Answer]
SIZES = ("data.train_size=0", "data.dev_size=0", "data.test_size=0")
CI = ("experiment=ci", "model=tfidf", "mix.ratio=0,0.25", "tracking.figures=false", "training.threads=1")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, made_tables: Path) -> Path:
    """The folder with the storage, in which studies are begun; the tests themselves are in others."""
    folder = tmp_path_factory.mktemp("there")
    shutil.copy(made_tables, folder / "optuna.db")
    return folder


@pytest.fixture(scope="module")
def address(there: Path) -> str:
    return f"sqlite:///{there / 'optuna.db'}"


@pytest.fixture(scope="module")
def begun(there: Path, address: str) -> str:
    """A study of the shipped choices, of which nothing is done; the address of its storage."""
    begin_study(there, address, *CI, "study=mine")
    return address


def says_a_label_if_asked_for_labels(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
    """As a judge or a classifier; other requests are for texts."""
    return None if asked["model"] == "llm" else Reply(body=completion(asked, '{"labels": ["A"]}'))


def work(cli: Cli, address: str, *overrides: str) -> Answer:
    return cli("work", f"hydra.sweeper.storage={address}", "hydra/launcher=basic", *overrides)


@pytest.mark.slow
@pytest.mark.usefixtures("made_store")
def test_a_study_is_joined_with_the_choices_that_it_began_with(cli: Cli, there: Path, address: str) -> None:
    """The user's own files and variables are those of the study; what lies here under their names does not count.

    So it is with a folder of --config-dir, and with what conf/local says of runs; of machines, each has its own. In another
    tracking store, what is finished would look lost: that is refused.
    """
    own = there / "conf" / "training"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("defaults:\n  - default\nepochs: 1\nlearning_rate: ${oc.env:RATE}\n")
    for folder, epochs in ((there, 3), (Path(), 4)):
        (folder / "conf/local").mkdir(parents=True)
        (folder / "conf/local/default.yaml").write_text(f"{HEAD}evaluation:\n  calibration_bins: {epochs}\n")
    (there / "more/mix").mkdir(parents=True)
    (there / "more/mix/ours.yaml").write_text("defaults:\n  - augment\n")
    Path("conf/training").mkdir()
    Path("conf/training/mine.yaml").write_text("defaults:\n  - default\nepochs: 9\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATE", "0.002")
        begin_study(there, address, *CI, "training=mine", "mix=ours", "study=own", config_dir=there / "more")

    answer = work(cli, address, "own")

    again = work(cli, address, "own", "tracking.folder=elsewhere")

    assert (answer.status, again.status) == (0, 2), answer.err
    assert "2 of 2 replicates finished" in answer.out
    assert "study=own: its runs are not kept in elsewhere, experiment synthsweep: give the tracking store" in again.err[-1]
    assert any(line.endswith("RATE=0.002, as where the study began") for line in answer.err)
    assert sorted(path.name for path in Path().iterdir()) == ["conf", "mlruns"]


@pytest.mark.slow
@pytest.mark.usefixtures("made_store")
def test_a_search_is_joined(cli: Cli, there: Path, address: str) -> None:
    """It proposes here what nobody has composed before, as many trials as were asked for where it began."""
    searched = ("study=searched", "mix.ratio=interval(0,0.3)", "hydra.sweeper.design=search", "hydra.sweeper.n_trials=2")
    begin_study(there, address, "experiment=ci", "model=tfidf", "tracking.figures=false", *searched)

    answer = work(cli, address, "searched")

    assert answer.status == 0, answer.err
    assert "2 of 2 replicates finished" in answer.out


def test_a_sampler_that_was_chosen_by_name_is_kept_for_those_who_join(there: Path, address: str) -> None:
    searched = ("study=searched", "mix.ratio=interval(0,0.3)", "hydra.sweeper.design=search", "hydra/sweeper/sampler=random")

    begin_study(there, address, "experiment=ci", "model=tfidf", *searched)

    assert "hydra/sweeper/sampler=random" in read_joined(address, address, "searched").begun.sweeper


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (("study=mien",), "has no study of this name; did you mean mine?"),
        (("mix.ratio=1",), "mix: no such key"),
        (("hydra.sweeper.storage=sqlite:///no.db",), "hydra.sweeper.storage: "),
        (("hydra.sweeper.objective=dev/f1/macro",), "study=mine was begun as another study"),
    ],
)
def test_what_cannot_be_joined_is_refused(cli: Cli, begun: str, overrides: tuple[str, ...], line: str) -> None:
    """One line, status 2, nothing is written."""
    given = ["study=mine", f"hydra.sweeper.storage={begun}"]
    kept = [text for text in given if text.partition("=")[0] not in {one.partition("=")[0] for one in overrides}]

    answer = cli("work", *kept, *overrides)

    assert (answer.status, list(Path().iterdir())) == (2, [])
    assert line in answer.err[-1]


def test_a_file_that_is_not_here_is_named_with_the_way_to_bring_it(cli: Cli, there: Path, address: str) -> None:
    """So is another file of that name; the first has its digest, so that both can be compared."""
    (there / "my.csv").write_text(AB_CSV)
    begin_study(there, address, *CI, "study=files", "data=csv", "data.path=my.csv", "labels=from_data", "llm=eda")

    missing = work(cli, address, "files")
    Path("my.csv").write_text(AB_CSV + "60,c1,one more,0,1\n")
    other = work(cli, address, "files")

    assert (missing.status, other.status) == (2, 2)
    assert "study=files reads my.csv (digest " in missing.err[-1]
    assert missing.err[-1].endswith(f":{there / 'my.csv'} to {Path('my.csv').absolute()}")
    assert "the file here is another one" in other.err[-1]


@pytest.mark.slow
@pytest.mark.parametrize("design", ["factorial", "search"])
@pytest.mark.parametrize(
    ("group", "section", "more"),
    [
        ("llm", "llm", ("model=tfidf", "mix.ratio=0,0.25")),
        ("llm@judge", "judge", ("curation=judged", "model=tfidf", "mix.ratio=0,0.25")),
        ("llm@classifier", "classifier", ("mix=real_only", "model=llm", "classifier.temperature=0,1")),
    ],
    ids=["writes", "judges", "classifies"],
)
def test_texts_of_an_llm_are_brought_and_not_asked_for_again(
    group: str, section: str, more: tuple[str, ...], design: str, cli: Cli, there: Path, address: str
) -> None:
    """Other texts than those of the study would make other numbers, and cost again; nothing is sent."""
    name = f"asked_{design}_{section}"
    asked = (f"{group}=vllm", f"{section}.model=m", f"{section}.base_url=http://127.0.0.1:9/v1")
    size = ("hydra.sweeper.n_trials=2",) if design == "search" else ()
    plain = ("experiment=ci", "tracking.figures=false", f"hydra.sweeper.design={design}", *size)
    begin_study(there, address, *plain, *more, *asked, f"study={name}")

    answer = work(cli, address, name)

    assert (answer.status, [path.name for path in Path().iterdir()]) == (2, [])
    assert "synthsweep generate export where it began and synthsweep generate import here bring them" in answer.err[-1]


@pytest.mark.slow
@pytest.mark.usefixtures("made_store")
@pytest.mark.parametrize(
    ("study", "sections"),
    [
        (("model=tfidf", "mix.ratio=0,0.25", "llm=vllm", "curation=judged", "llm@judge=vllm"), ("llm", "judge")),
        (("mix=real_only", "model=llm", "llm@classifier=vllm"), ("classifier",)),
    ],
    ids=["writes and judges", "classifies"],
)
def test_files_and_texts_that_a_study_keeps_are_fetched_by_who_joins(
    study: tuple[str, ...], sections: tuple[str, ...], forks: Forks, tmp_path: Path
) -> None:
    """Only where tracking.log_data asked for it: both lie in the store from then on. Nothing is asked for again.

    The answers of a judge and of an LLM that classifies are such texts, too.
    """
    Path("data").mkdir()
    Path("data/my.csv").write_text(AB_CSV)
    own = ("data=csv", "data.path=data/my.csv", "labels=from_data", "study=kept", "generate.n=10", *SIZES)
    with serving(says_a_label_if_asked_for_labels) as server:
        at = [word for one in sections for word in (f"{one}.model={one}", f"{one}.base_url={server.address}")]
        more = ("tracking.figures=false", "training.threads=1", "tracking.log_data=true", "hydra/launcher=basic")
        words = ("experiment=ci", *study, *own, *at, *more)
        begun = forks.run("run", "-m", *words, "seed=1")
    storage, uri = (f"sqlite:///{tmp_path / 'mlruns' / name}" for name in ("optuna.db", "mlflow.db"))
    # A second seed, which is left to whoever joins: it needs the same texts and answers.
    begin_study(tmp_path, storage, *words, "seed=1,2")
    Path("elsewhere").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir("elsewhere")
        answer = forks.run("work", "kept", f"hydra.sweeper.storage={storage}", f"tracking.uri={uri}", "hydra/launcher=basic")

    assert (begun.status, answer.status) == (0, 0), (begun.err, answer.err)
    assert [line.partition("tracking.log_data=true: ")[2] for line in begun.err if "log_data" in line] == [
        "1 file and 0 answers of LLMs are now kept with the study at mlruns",
        f"0 files and {len(server.requests)} answers of LLMs are now kept with the study at mlruns",
    ]
    fetched = f"data/my.csv is fetched from the study's run (digest {file_digest(Path('data/my.csv'))})"
    assert any(line.endswith(fetched) for line in answer.err)
    said = f"{len(server.requests)} answers of LLMs are fetched from the study's run"
    assert any(said in line for line in answer.err)
    assert {body["model"] for body in server.requests} == set(sections)
    kept = [file for file in Path("mlruns/artifacts").rglob("inputs/*") if file.is_file()]
    assert [oct(file.stat().st_mode)[-3:] for file in kept] == ["600", "600"]
    assert Path("elsewhere/data/my.csv").read_text() == AB_CSV
