"""Contrasts between the texts of LLMs and prompts."""

from collections.abc import Mapping

import pytest

from synthsweep.compare.grid import Cell
from synthsweep.compare.stats.pools import pool_contrasts
from synthsweep.study.queue.trial_queue import in_words


def cell(assignment: Mapping[str, str], synthetic: float = 50.0) -> Cell:
    return Cell(in_words(assignment) or "control", assignment, (), {"train/synthetic": synthetic})


CONTROL = cell({"mix.ratio": "0"}, 0.0)


def arms(*settings: dict[str, str]) -> list[Cell]:
    return [CONTROL, *map(cell, settings)]


def pairs(cells: list[Cell]) -> list[tuple[str, str, str, int]]:
    return [(one.factor, one.one, one.other, len(one.contrast.weights)) for one in pool_contrasts(cells)]


def test_levels_are_compared_over_the_settings_that_both_have() -> None:
    """Two LLMs by two prompts: each pair is a mean over the other factor."""
    crossed = arms(*({"mix.ratio": "1", "llm": llm, "prompt": prompt} for llm in "ab" for prompt in "xy"))

    assert pairs(crossed) == [("llm", "a", "b", 4), ("prompt", "x", "y", 4)]
    assert sum(pool_contrasts(crossed)[0].contrast.weights.values()) == pytest.approx(0)


def test_a_dose_that_only_one_llm_has_is_left_out() -> None:
    """Its texts would be compared with fewer texts of the other."""
    cells = arms({"mix.ratio": "1", "llm": "a"}, {"mix.ratio": "1", "llm": "b"}, {"mix.ratio": "2", "llm": "b"})

    assert set(pool_contrasts(cells)[0].contrast.weights) == {"ratio=1 llm=a", "ratio=1 llm=b"}


def test_an_llm_with_a_prompt_of_its_own_is_compared_as_both() -> None:
    """Neither of the two alone differs in any pair."""
    cells = arms({"llm": "a", "prompt": "x"}, {"llm": "b", "prompt": "y"})

    assert pairs(cells) == [("llm, prompt", "a, x", "b, y", 2)]


@pytest.mark.parametrize(
    "cells",
    [
        arms({"mix.ratio": "1", "llm": "a"}, {"mix.ratio": "2", "llm": "a"}),
        arms({"mix": "augment", "llm": "a"}, {"mix": "shuffled_labels", "llm": "b"}),
        arms({"mix.ratio": "1", "llm": "a"}, {"mix.ratio": "2", "llm": "b"}),
        arms(*({"llm": f"llm{number}"} for number in range(13))),
    ],
)
def test_where_nothing_can_be_set_against_another_there_is_no_pair(cells: list[Cell]) -> None:
    """One LLM; texts whose labels were shuffled; no shared dose; so many levels that nobody reads the pairs."""
    assert pairs(cells) == []
