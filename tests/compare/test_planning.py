"""What a study could find, before it runs."""

from typing import Never

import pytest

from support.builders import config_of, run_config
from synthsweep.compare.planning import plan_power
from synthsweep.config.roots import PowerConfig
from synthsweep.errors import StudyError

CELLS = [{"mix.ratio": 0}, {"mix.ratio": 0.5}, {"mix.ratio": 1.0}]


def power_config(*overrides: str) -> PowerConfig:
    return config_of("compare_power", PowerConfig, *overrides)


def no_pilot(study: str) -> Never:  # type: ignore[no-untyped-def]
    raise AssertionError(study)


@pytest.mark.slow
def test_arms_are_the_cells_less_their_controls() -> None:
    """A family holds each arm's comparison in each criterion that has a positive."""

    planned = plan_power(power_config(), "mine", CELLS, 6, no_pilot)

    assert (planned.arms, planned.family) == (2, 14)
    assert [row.criterion for row in planned.power] == ["A1", "A2", "A3", "B1", "B2", "B3", "B4", "macro"]


@pytest.mark.slow
def test_without_a_control_one_cell_is_the_baseline() -> None:
    """Of three learning rates, two are held against the third."""

    planned = plan_power(power_config(), "mine", [{"training.learning_rate": rate} for rate in (1, 2, 3)], 3, no_pilot)

    assert planned.arms == 2


@pytest.mark.slow
@pytest.mark.parametrize("key", ["power.seed_sd", "replicates"])
def test_less_spread_and_more_seeds_find_smaller_effects(key: str) -> None:
    """The macro average's smallest effect shrinks."""

    def smallest(spread: float, seeds: int) -> float:
        found = plan_power(power_config(f"power.seed_sd={spread}"), "mine", CELLS, seeds, no_pilot).power[-1].detectable
        assert found is not None
        return found

    better = smallest(1, 6) if key == "power.seed_sd" else smallest(3, 30)

    assert better < smallest(3, 6)


@pytest.mark.slow
def test_positives_are_those_of_the_test_texts() -> None:
    """As the run itself would split them."""

    from synthsweep.run.prepare import prepare

    test = prepare(run_config("mix=real_only")).corpus.split.test
    found = plan_power(power_config(), "mine", CELLS, 6, no_pilot).power

    assert {row.criterion: row.positives for row in found if row.criterion in {"A1", "B4"}} == {
        label: sum(label in example.labels for example in test) for label in ("A1", "B4")
    }


@pytest.mark.parametrize(
    ("metric", "said"), [("accuracy", "power.metric=accuracy is for labels.kind=single"), ("brier", "needs power.pilot=STUDY")]
)
def test_a_metric_of_which_nothing_is_known_is_refused(metric: str, said: str) -> None:
    """The spread of another metric would be a made-up number."""

    with pytest.raises(StudyError, match=said):
        plan_power(power_config(f"power.metric={metric}"), "mine", CELLS, 6, no_pilot)


@pytest.mark.parametrize(("cells", "seeds", "said"), [(CELLS, 1, "replicates=1"), (CELLS[:1], 3, "varies nothing")])
def test_what_has_no_effect_has_no_power(cells: list[dict[str, object]], seeds: int, said: str) -> None:
    """One line, with the way out."""

    with pytest.raises(StudyError, match=said):
        plan_power(power_config(), "mine", cells, seeds, no_pilot)
