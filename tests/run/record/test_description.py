"""What is written of a run before it trains."""

import json
from pathlib import Path

import pytest
import yaml

from support.builders import run_config
from synthsweep.run.prepare import prepare
from synthsweep.run.record.description import describe_run
from synthsweep.track.writer import RunStart

SMALL = ("data.train_size=40", "data.dev_size=20", "data.test_size=20", "tracking=none", "characteristics=none")
OF_POOLS = ("llm.", "prompt.", "generate.", "judge.", "plant.", "curation.", "select.", "characteristics.")


def described(*overrides: str) -> RunStart:
    config = run_config(*SMALL, *overrides)
    return describe_run(config, prepare(config), {})


def sections(run: RunStart) -> set[str]:
    return {name.partition(".")[0] for name in run.params}


@pytest.mark.parametrize(
    "overrides", [("mix=real_only",), ("mix.ratio=0",), ("mix.count=0", "llm=simulator"), ("mix=more_real",)]
)
def test_a_run_without_a_pool_says_nothing_of_one(overrides: tuple[str, ...]) -> None:
    """Neither LLM nor prompt nor what happens to texts of a pool, in parameters, tags or data sets."""

    run = described(*overrides)

    assert not [name for name in run.params if name.startswith(OF_POOLS)]
    assert "llm" not in run.tags
    assert (run.prompt, len(run.datasets)) == (None, 3)
    assert {"labels", "data", "mix", "model", "training", "seed"} <= sections(run)


@pytest.mark.parametrize(
    ("overrides", "mix"),
    [
        (("mix=real_only",), {"mix.arm": "real_only"}),
        (("mix.ratio=0",), {"mix.arm": "augment", "mix.ratio": "0"}),
        (("mix=more_real", "mix.ratio=0.50"), {"mix.arm": "more_real", "mix.ratio": "0.5"}),
    ],
)
def test_the_mix_is_written_as_far_as_it_acts(overrides: tuple[str, ...], mix: dict[str, str]) -> None:
    run = described(*overrides)

    assert {name: value for name, value in run.params.items() if name.startswith("mix.")} == mix


def test_a_number_of_texts_is_named_as_such_and_has_no_ratio() -> None:
    run = described("mix.count=2")

    assert run.name == "plain 2 texts s1"
    assert run.params["mix.count"] == "2"
    assert "mix.ratio" not in run.params
    assert described("mix.count=1").name == "plain 1 text s1"


@pytest.mark.parametrize("typed", ["1", "1.0", "1.00"])
def test_a_ratio_has_one_spelling(typed: str) -> None:
    run = described(f"mix.ratio={typed}", "training.learning_rate=1e-4")

    assert run.name == "plain x1 s1"
    assert (run.params["mix.ratio"], run.params["training.learning_rate"]) == ("1", "0.0001")
    assert "mix.count" not in run.params


@pytest.mark.slow
def test_a_data_set_is_named_after_its_pool() -> None:
    """The LLM and its prompt, or the file."""

    rows = [{"label": label, "text": f"Text {n} of {label} about a child."} for label in ("A1", "A2") for n in range(9)]
    Path("mine.jsonl").write_text("\n".join(map(json.dumps, rows)))

    pools = [described(*of) for of in ((), ("prompt=attributed",), ("llm.path=mine.jsonl", "mix.count=2"))]

    assert [[(one.name, one.context) for one in run.datasets][-1] for run in pools] == [
        ("recorded/plain", "synthetic"),
        ("recorded/attributed", "synthetic"),
        ("mine.jsonl", "synthetic"),
    ]


def test_keys_of_another_kind_of_llm_are_left_out() -> None:
    """A recording has no temperature and no batches; a file of texts answers no prompt; without a judge there is none."""

    varied = "sweep.factors=[llm.simulator.diversity,llm.temperature,generate.batch,generate.n]"
    run, simulated = described(varied), described("llm=simulator", varied)

    assert {"llm.name", "prompt.variant", "generate.n"} <= run.params.keys()
    assert not {"llm.simulator.diversity", "llm.temperature", "generate.batch"} & run.params.keys()
    assert "judge" not in sections(run)
    assert "llm.simulator.diversity" in simulated.params


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        (("mix=real_only", "seed=3"), "real_only s3"),
        (("prompt=attributed", "mix.ratio=0.25"), "attributed x0.25 s1"),
        (("llm=simulator",), "simulator x0.5 s1"),
        (("mix=synthetic_only",), "plain synthetic_only x0.5 s1"),
        (("mix=duplicate_real",), "duplicate_real x0.5 s1"),
    ],
)
def test_the_name_of_a_run_begins_with_what_differs(overrides: tuple[str, ...], name: str) -> None:
    """A table of runs shows some twenty letters of it."""

    assert described(*overrides).name == name


def test_the_parameters_are_those_to_look_for_runs_by() -> None:
    """Key ones, what differs from its default, and factors, also at their defaults; the whole configuration is a file."""

    run = described("training.warmup_ratio=0.2", "sweep.factors=[training.dropout,curation,seed]")

    assert len(run.params) <= 25
    assert (run.params["training.warmup_ratio"], run.params["training.dropout"]) == ("0.2", "None")
    assert (run.params["prompt.variant"], run.params["curation.name"]) == ("plain", "default")
    absent = {"training.weight_decay", "prompt.template", "labels.names.A1", "seeds.draw", "tracking.folder"}
    assert not absent & run.params.keys()
    assert yaml.safe_load(run.files[run.tags["config"]])["training"]["weight_decay"] == 0.01


def test_an_arm_that_copies_label_counts_names_the_pool_of_these() -> None:
    """Its own texts are real, but another LLM would give another arm."""

    run = described("mix=duplicate_real", "mix.ratio=0.5")

    assert {"llm", "prompt"} <= sections(run)
