"""`sweep.dry_run=true` prints what a study would take, and begins nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from support.llm_server import serving


@pytest.mark.slow
def test_a_factorial_is_listed_cell_by_cell(cli: Callable[..., Answer]) -> None:
    """With the shared control and what is left; without a time where none was measured."""

    answer = cli("run", "-m", "sweeps=ci", "llm=recorded,simulator", "training.learning_rate=1e-3", "sweep.dry_run=true")

    assert (answer.status, Path("mlruns/mlflow.db").exists(), Path("mlruns/optuna.db").exists()) == (0, False, False)
    lines = answer.out.splitlines()
    assert lines[0] == "study ci: factorial, 3 configurations of 2 seeds."
    assert "  mix.ratio=0  (stands for 2 combinations)" in lines
    assert "6 replicates: 0 finished before and reused, 6 to run." in lines
    assert any("how long is not known before a run of this encoder is finished" in line for line in lines)
    assert "0 dollars" in lines[-2]


@pytest.mark.slow
def test_a_search_is_forecast_from_its_first_configuration(cli: Callable[..., Answer]) -> None:
    """What the sampler will propose is not known. For Hydra's Optuna sweeper, storage=null is a study in memory."""
    size = ("hydra.sweeper.n_trials=4", "hydra.sweeper.storage=null")

    answer = cli("run", "-m", "sweeps=bert_search", "experiment=ci", "sweep.dry_run=true", *size)

    assert any("hydra.sweeper.storage=null: the study is kept in mlruns/optuna.db" in line for line in answer.err)
    assert answer.out.splitlines()[0] == "study bert_search: search, 4 trials of 1 seed, at most 4 replicates."
    assert "training steps at most" in answer.out


@pytest.mark.slow
def test_a_pool_that_is_too_small_is_found_before_anything_runs(cli: Callable[..., Answer]) -> None:
    """One line, status 2."""

    answer = cli("run", "-m", "mix.ratio=0,9", "sweep.dry_run=true")

    assert answer.status == 2
    assert "too few" in answer.err[-1]


PRICED = ("llm.free=false", "llm.price_per_million.input=0.1", "llm.price_per_million.output=0.4")


def asking(address: str, *overrides: str) -> tuple[str, ...]:
    """A study of a priced LLM, which asks at most once for each text."""
    hosted = ("llm=vllm", "llm.model=m", f"llm.base_url={address}", "generate.n=20", "study=s")
    return ("run", "-m", "experiment=ci", *hosted, *overrides, "sweep.dry_run=true")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cells(answer: Answer) -> list[list[str]]:
    """The lines of the table of pools."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in answer.out.splitlines() if line.startswith("│")]


def rows(answer: Answer) -> dict[str, list[str]]:
    """Its rows by the names of pools that fit into a line."""
    return {first: rest for first, *rest in cells(answer) if first}


@pytest.mark.slow
def test_a_dry_run_asks_and_writes_nothing(cli: Callable[..., Answer]) -> None:
    """No LLM, no judge, no byte of a store; what is there already is free, and each pool counts once."""

    judged = ("curation=judged", "llm@judge=vllm", "judge.model=j")
    with serving() as llm:
        cli("generate", "llm=vllm", "llm.model=m", f"llm.base_url={llm.address}", "generate.n=10", "tracking=none")
        filled, before = len(llm.requests), contents(Path("mlruns"))
        overrides = (*judged, f"judge.base_url={llm.address}", "prompt=plain,persona", "mix.ratio=0,0.1,0.25", *PRICED)
        answer = cli(*asking(llm.address, *overrides, "generate.max_usd=1", "replicates=2"))

    assert (answer.status, answer.err) == (0, [])
    assert (len(llm.requests), contents(Path("mlruns"))) == (filled, before)
    table = rows(answer)
    assert table["m prompt=plain"][:2] == ["70 of 140", "7-21"]
    assert table["m prompt=persona"][:2] == ["0 of 140", "14-28"]
    # Three answers about each of 140 texts of a pool, whichever runs read it.
    assert [row[1:3] for row in cells(answer)].count(["0 of 420", "420"]) == 2
    assert "generate.max_usd=1: s fits, whatever the replies." in answer.out


@pytest.mark.slow
def test_a_dry_run_forecasts_what_is_then_sent(cli: Callable[..., Answer]) -> None:
    """As many requests; afterwards nothing is left to ask, and that is 0 dollars."""

    with serving() as llm:
        before = cli(*asking(llm.address, "mix.ratio=0,0.25"))
        cli("generate", "llm=vllm", "llm.model=m", f"llm.base_url={llm.address}", "generate.n=20", "tracking=none")
        after = cli(*asking(llm.address, "mix.ratio=0,0.25"))

    assert rows(before)["m prompt=plain"][:2] == ["0 of 140", f"{len(llm.requests)}-{2 * len(llm.requests)}"]
    assert rows(after)["m prompt=plain"][:2] == ["140 of 140", "0"]
    assert before.out.splitlines()[-2] == "0 dollars: the LLMs that are asked are free (llm.free=true)."
    assert after.out.splitlines()[-2] == "0 dollars: every text and answer of an LLM is there."


@pytest.mark.slow
def test_a_dry_run_says_whether_the_study_fits_under_its_cap(cli: Callable[..., Answer]) -> None:
    """By what replies usually cost, and by what they may cost at most; a cap that is missing is said."""

    said = [
        cli(*asking("http://127.0.0.1:9/v1", *PRICED, *cap)).out.splitlines()[-2]
        for cap in (("generate.max_usd=0.001",), ("generate.max_usd=0.01",), ("generate.max_usd=1",), ())
    ]

    assert said[0] == "generate.max_usd=0.001: s does not fit: it stops before all texts are there."
    assert said[1] == "generate.max_usd=0.01: s fits if replies are as usual; the cap stops it at $0.0100."
    assert said[2] == "generate.max_usd=1: s fits, whatever the replies."
    assert said[3] == "generate.max_usd is not set: nothing is sent before it says what s may cost at most."


def test_an_unknown_price_is_said(cli: Callable[..., Answer]) -> None:
    """It is not 0 dollars; what is to be asked is forecast all the same."""

    answer = cli(*asking("http://127.0.0.1:9/v1", "llm.free=false"))

    assert (answer.status, rows(answer)["m prompt=plain"][1]) == (0, "14-28")
    assert answer.out.splitlines()[-2].startswith("Dollars are not known: m prompt=plain has no known price")


@pytest.mark.slow
def test_a_search_counts_at_its_most(cli: Callable[..., Answer]) -> None:
    """Three trials of 400 texts in batches of 8 for 9 epochs, and the pools of all levels."""

    space = ("mix.ratio=interval(0,1)", "training.epochs=range(1,10)", "training.batch_size=32,8", "prompt=plain,persona")
    search = ("hydra.sweeper.design=search", "hydra.sweeper.n_trials=3", "generate.n=100")
    answer = cli(*asking("http://127.0.0.1:9/v1", *PRICED, *space, *search))

    assert f"{3 * 9 * 50:,} training steps at most" in answer.out
    assert [rows(answer)[f"m prompt={name}"][:2] for name in ("plain", "persona")] == [["0 of 700", "70-140"]] * 2


@pytest.mark.slow
def test_a_search_of_sampling_settings_has_a_pool_per_trial(cli: Callable[..., Answer]) -> None:
    """A range of temperatures gives each of its trials texts of its own."""

    answer = cli(
        *asking("http://127.0.0.1:9/v1", "llm.temperature=interval(0.5,1)", "hydra.sweeper.design=search"),
        "hydra.sweeper.n_trials=5",
    )

    assert rows(answer)["all together"][1] == f"{5 * 14}-{5 * 28}"


def test_a_pool_of_an_llm_that_will_be_too_small_is_found_before_anything_is_asked(cli: Callable[..., Answer]) -> None:
    """140 texts cannot be two for each of 200."""

    answer = cli(*asking("http://127.0.0.1:9/v1", "mix.ratio=2"))

    assert answer.status == 2
    assert "takes 400 synthetic ones, the pool has 140, 260 too few" in answer.err[-1]


@pytest.mark.parametrize("key", ["generate.dry_run", "sweep.dry_run"])
def test_one_run_has_a_dry_run(cli: Callable[..., Answer], key: str) -> None:
    """It names the texts and labels, asks nothing, and makes no store."""

    answer = cli("run", *asking("http://127.0.0.1:9/v1")[2:-1], f"{key}=true")

    assert (answer.status, rows(answer)["m prompt=plain"][:2]) == (0, ["0 of 140", "14-28"])
    assert " real texts; 7 labels (positives in train, dev, test): A1 " in answer.out
    assert answer.out.splitlines()[-1] == f"Next: the same without {key}=true runs it"
    assert not [path for path in Path("mlruns").rglob("*") if path.is_file()]
