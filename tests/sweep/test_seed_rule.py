"""`replicates=auto`: rules that a study follows, and those that are refused before it begins."""

from collections.abc import Callable
from typing import Any

import pytest

from support.builders import Answer
from synthsweep.errors import ConfigError, StudyError
from synthsweep.study.design.seed_rule import SeedRule

# The fixture `planned`: from arguments and settings to a Planned.
Plans = Callable[..., Any]
AUTO = ("mix.ratio=0,0.5", "replicates=auto")
EXAMPLES = 'hydra.sweeper.until="half_width<=2" or hydra.sweeper.until="detect=3"'
MUST = f"hydra.sweeper.until must be half_width<=POINTS or detect=POINTS, as in {EXAMPLES}; got"


@pytest.mark.parametrize(
    ("until", "rule"),
    [
        ("half_width<=2", SeedRule("half_width", 2.0, 3, 20)),
        (" half_width <= .5 ", SeedRule("half_width", 0.5, 3, 20)),
        ("detect=3", SeedRule("detect", 3.0, 3, 20)),
    ],
)
def test_a_rule_says_which_seeds_a_study_begins_with(planned: Plans, until: str, rule: SeedRule) -> None:
    """Those that replicates=3 gives; what may follow counts on from them."""

    plan = planned(*AUTO, "seed=7", until=until).plan

    assert (plan.rule, plan.seeds, plan.most_seeds) == (rule, (7, 8, 9), 20)
    assert plan.size == f"factorial, 2 configurations of 3 to 20 seeds until {rule.text}: 6 to 40 replicates"


@pytest.mark.slow
def test_another_rule_is_another_study(planned: Plans) -> None:
    """So is another number of seeds at most; a study without a rule is what it was before there were any."""

    rules = [{"until": "half_width<=2"}, {"until": "half_width<=3"}, {"until": "half_width<=2", "max_seeds": 30}]
    digests = {planned(*AUTO, **rule).plan.definition.digest for rule in rules}
    fixed = planned("mix.ratio=0,0.5", "replicates=3").plan.definition

    assert len(digests) == 3
    assert not [key for key in fixed.fixed if key.startswith("hydra.sweeper.")]


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (AUTO, {"until": "width<2"}, f"{MUST} width<2"),
        (AUTO, {"until": "half_width<2"}, f"{MUST} half_width<2"),
        (AUTO, {"until": "detect<=3"}, f"{MUST} detect<=3"),
        (AUTO, {"until": "half_width<=-1"}, f"{MUST} half_width<=-1"),
        (AUTO, {"until": "half_width<=nan"}, f"{MUST} half_width<=nan"),
        (AUTO, {"until": ""}, f"{MUST} "),
        (
            AUTO, {"until": "half_width<=0"},
            f"hydra.sweeper.until must have points in (0, 100], as in {EXAMPLES}; got half_width<=0",
        ),
        (AUTO, {}, f"replicates=auto needs a rule for when seeds are enough: set {EXAMPLES}, or replicates=N"),
        (
            ("mix.ratio=0,0.5", "replicates=3"), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 and replicates=3 both say how many seeds there are: set replicates=auto",
        ),
        (
            ("mix.ratio=0,0.5",), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 and replicates=1 both say how many seeds there are: set replicates=auto",
        ),
        (
            (*AUTO, "seed=1,2"), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 and seed=1,2 both say which seeds there are: leave one of them out",
        ),
        (
            (*AUTO, "seeds.draw=1,2"), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 adds one seed after the other, but seeds.draw is varied: give it one value",
        ),
        (
            AUTO, {"until": "detect=3", "design": "search"},
            "hydra.sweeper.until=detect=3 is for effects, and a search has none: leave it out, and set replicates=N",
        ),
        (
            (*AUTO, "tracking=none"), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 looks at the runs that are kept, and tracking=none keeps none: set tracking=local",
        ),
        (
            (*AUTO, "seed=4294967290"), {"until": "detect=3"},
            "seed=4294967290: with hydra.sweeper.max_seeds=20, seeds would go above 4294967295: lower one of them",
        ),
        (
            AUTO, {"until": "detect=3", "min_seeds": 5, "max_seeds": 4},
            "hydra.sweeper.max_seeds must be at least hydra.sweeper.min_seeds=5, got 4: raise it or lower min_seeds",
        ),
        (
            ("mix.ratio=0,0.5", "replicates=3"), {"max_seeds": 4},
            f"hydra.sweeper.max_seeds=4 acts with replicates=auto alone: leave it out, or set {EXAMPLES}",
        ),
        (
            ("mix.ratio=0.25,0.5", "replicates=auto"), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 compares arms with real texts alone, and no two configurations can be compared so: "
            "vary what the arms add, as in mix.ratio=0,0.5",
        ),
        (
            ("mix.ratio=0", "replicates=auto"), {"until": "detect=3"},
            "hydra.sweeper.until=detect=3 compares arms with real texts alone, and no two configurations can be compared so: "
            "vary what the arms add, as in mix.ratio=0,0.5",
        ),
    ],
)  # fmt: skip
def test_what_no_study_can_follow_is_refused(planned: Plans, arguments: Any, settings: Any, message: str) -> None:
    """One line: key, rule, value, way out."""

    with pytest.raises(StudyError) as refused:
        planned(*arguments, **settings)

    assert str(refused.value) == message


@pytest.mark.parametrize("value", ["half", "1.5", "0", "1001", "true", "null", "[1,2]"])
def test_replicates_are_a_number_or_auto(planned: Plans, value: str) -> None:
    with pytest.raises(ConfigError, match=r"^replicates must be a whole number in \[1, 1000\] or auto, got "):
        planned("mix.ratio=0,0.5", f"replicates={value}")


@pytest.mark.slow
def test_a_rule_needs_no_quotes_of_hydra(cli: Callable[..., Answer]) -> None:
    """A single run, and the power of a number of seeds, have no rule."""
    until = ("replicates=auto", "hydra.sweeper.until=half_width<=2")

    wrong = cli("run", "-m", "mix.ratio=0,1", "replicates=auto", "hydra.sweeper.until=width<2")
    single = cli("run", *until)
    power = cli("compare", "power", "-m", "mix.ratio=0,1", *until)

    assert [answer.status for answer in (wrong, single, power)] == [2, 2, 2]
    assert wrong.err[-1] == f"synthsweep: {MUST} width<2"
    assert single.err[-1].startswith("synthsweep: replicates is for a multirun: add -m")
    assert power.err[-1].startswith(
        "synthsweep: compare power is for a number of seeds, as with replicates=6, got replicates=auto"
    )
