"""A level is what it holds."""

from pathlib import Path

from support.builders import run_config
from support.studies import choice
from synthsweep.config.keys.run import RunConfig
from synthsweep.study.design.space import Assignment, Condition, Range, Space
from synthsweep.sweep.levels import Levels, assignment_with, compose_levels

FROZEN = choice("model.frozen_layers", 0, 1)


def levels_of(space: Space, *fixed: str) -> Levels:
    return compose_levels(space, lambda assignment: run_config(*fixed, *space.overrides(assignment)))


def test_a_choice_is_the_values_that_it_sets() -> None:
    """Those below its group, the same ones for each of its levels."""

    values = levels_of(Space((choice("model", "minilm", "bert_base"), choice("mix.ratio", 0.25, 0.5)))).values()

    assert list(values) == ["model=minilm", "model=bert_base"]
    assert values["model=minilm"]["model.name_or_path"] != values["model=bert_base"]["model.name_or_path"]
    assert {"model.pooling", "model.frozen_layers"} <= set(values["model=minilm"]) & set(values["model=bert_base"])


def test_a_choice_that_sets_keys_elsewhere_is_those_too() -> None:
    """As an experiment does."""

    Path("conf/experiment").mkdir(parents=True)
    Path("conf/experiment/short.yaml").write_text("# @package _global_\ntraining:\n  max_length: 16\n")
    Path("conf/experiment/small.yaml").write_text("# @package _global_\ndata:\n  train_size: 9\n")

    values = levels_of(Space((choice("experiment", "short", "small"),))).values()

    assert values == {
        "experiment=short": {"data.train_size": 0, "training.max_length": 16},
        "experiment=small": {"data.train_size": 9, "training.max_length": 128},
    }


def test_a_number_is_what_it_is() -> None:
    """So is what the study varies beside a choice, and what cannot act on a study."""

    space = Space((choice("model", "minilm", "tiny"), FROZEN, choice("training.threads", 1, 2)))

    values = levels_of(space).values()

    assert set(values) == {"model=minilm", "model=tiny"}
    assert not {"model.frozen_layers", "training.threads"} & set(values["model=tiny"])


def test_a_level_that_needs_another_one_is_composed_beside_it() -> None:
    space = Space(
        (choice("mix", "augment", "target"), choice("mix.source", "synthetic", "original"), Range("lr", 0.0, 1.0)),
        {"mix.source": (Condition("mix", ("target",)),)},
    )
    seen: list[Assignment] = []

    def compose(assignment: Assignment) -> RunConfig:
        seen.append(assignment)
        return run_config()

    compose_levels(space, compose)

    assert assignment_with(space, {}) == {"mix": "augment", "lr": 0.0}
    assert {"mix": "target", "mix.source": "original", "lr": 0.0} in seen
