"""What each arm is held against."""

import pytest

from synthsweep.compare.baseline import contrasts_to, find_baseline
from synthsweep.compare.grid import Cell
from synthsweep.compare.read.cells import cell_name
from synthsweep.errors import StudyError


def cell(texts: float = 50, **assignment: str) -> Cell:
    named = {name.replace("__", "."): value for name, value in assignment.items()}
    return Cell(cell_name(named), named, (), {"train/synthetic": texts})


CONTROL = cell(0, mix__ratio="0")
CROSSED = [cell(mix__ratio="0.5", llm=llm, prompt=prompt) for llm in ("a", "b") for prompt in ("p", "q")]


def test_every_arm_is_held_against_the_shared_control() -> None:
    """Ratio 0 is one cell, in which neither LLM nor prompt acts."""

    found = find_baseline([CONTROL, *CROSSED], (), {})

    assert found.partners == {c.name: "ratio=0" for c in CROSSED}
    assert (found.title, found.cells) == ("ratio=0", ("ratio=0",))


def test_with_a_control_for_each_training_setting_each_arm_has_its_own() -> None:
    """A difference in learning rate is no effect of synthetic texts."""

    cells = [cell(texts, mix__ratio=ratio, training__lr=lr) for lr in ("1", "2") for ratio, texts in (("0", 0), ("1", 9))]

    found = find_baseline(cells, (), {})

    assert found.partners == {"ratio=1 lr=1": "ratio=0 lr=1", "ratio=1 lr=2": "ratio=0 lr=2"}
    assert found.title == "real texts alone, same settings"


@pytest.mark.parametrize("words", [("llm:a",), ("llm=a",)])
def test_a_named_level_is_the_baseline_within_each_setting_of_the_rest(words: tuple[str, ...]) -> None:
    """The control has another ratio, so it is held against nothing."""

    found = find_baseline([CONTROL, *CROSSED], words, {})

    assert found.partners == {f"ratio=0.5 llm=b prompt={p}": f"ratio=0.5 llm=a prompt={p}" for p in "pq"}


@pytest.mark.parametrize("words", [("3",), ("ratio=0.5 llm=b prompt=p",), ("mix.ratio:0.50", "llm:b", "prompt:p")])
def test_one_cell_is_named_by_its_trial_its_name_or_its_levels(words: tuple[str, ...]) -> None:
    """0.50 is 0.5."""

    cells = [CONTROL, *CROSSED]
    found = find_baseline(cells, words, {place: one.name for place, one in enumerate(cells)})

    assert found.cells == ("ratio=0.5 llm=b prompt=p",)


@pytest.mark.parametrize(
    ("cells", "words", "said"),
    [
        (CROSSED, (), "no run is without synthetic texts: name another baseline, as baseline=KEY:VALUE; there are ratio=0.5"),
        (
            [CONTROL, *CROSSED],
            ("llm:c",),
            "baseline=llm:c: no finished configuration is it; there are ratio=0, ratio=0.5 llm=a",
        ),
        ([CONTROL], (), "nothing can be held against baseline=real_only (ratio=0)"),
    ],
)
def test_a_baseline_that_is_not_there_is_told_with_what_is(cells: list[Cell], words: tuple[str, ...], said: str) -> None:
    """One line, with the way out."""

    with pytest.raises(StudyError) as error:
        find_baseline(cells, words, {})

    assert str(error.value).startswith(said)


def test_arms_are_cells_unless_factors_are_named() -> None:
    """What is left out is averaged over, with weights that add up to 0."""

    cells = [CONTROL, *CROSSED]
    baseline = find_baseline(cells, (), {})

    single, averaged = contrasts_to(cells, baseline, ()), contrasts_to(cells, baseline, ("mix.ratio", "llm"))

    assert single[0].weights == {"ratio=0.5 llm=a prompt=p": 1.0, "ratio=0": -1.0}
    assert averaged[0].weights == {"ratio=0.5 llm=a prompt=p": 0.5, "ratio=0.5 llm=a prompt=q": 0.5, "ratio=0": -1.0}
    assert (len(single), len(averaged)) == (4, 2)
    assert all(abs(sum(one.weights.values())) < 1e-12 for one in (*single, *averaged))


def test_several_configurations_of_real_texts_alone_need_a_word_on_which_is_the_baseline() -> None:
    """A study of thresholds varies no synthetic text: the message names the way out. Studies may share their numbers."""

    cells = [cell(0, evaluation__threshold=rule) for rule in ("dev_f1", "dev_f2")]
    lines = []
    for trials in ({5: cells[0].name, 6: cells[1].name}, {}):
        with pytest.raises(StudyError) as error:
            find_baseline(cells, (), trials)
        lines.append(str(error.value).rpartition(", as ")[2])

    assert lines == ["baseline=5, the number of its trial", "baseline=evaluation.threshold:dev_f1"]
    assert find_baseline(cells, ("5",), {5: cells[0].name, 6: cells[1].name}).cells == (cells[0].name,)
