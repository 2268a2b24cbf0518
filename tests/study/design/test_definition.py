"""A study keeps the definition that it was begun with."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from support.studies import GOAL, choice, definition
from synthsweep.errors import StudyError
from synthsweep.study.design.definition import Definition, define, require_same
from synthsweep.study.design.objective import Goal, parse_constraint
from synthsweep.study.design.space import Space

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=5)
NAMES = st.text(max_size=8)
DEFINITIONS = st.builds(
    Definition,
    design=st.sampled_from(["factorial", "search"]),
    space=st.dictionaries(NAMES, NAMES, max_size=4),
    objectives=st.lists(NAMES, max_size=3).map(tuple),
    constraints=st.lists(NAMES, max_size=3).map(tuple),
    aggregate=NAMES,
    seeds=st.lists(st.integers(0, 9), max_size=4).map(tuple),
    pruner=NAMES,
    fixed=st.dictionaries(st.text("xyz.", min_size=1, max_size=6), LEAVES | st.lists(LEAVES, max_size=3), max_size=4),
    fraction=st.floats(0.1, 1),
)


composed = cache(run_config)
NO_SPACE = Space(())


def defined(*overrides: str, space: Space = NO_SPACE, goal: Goal = GOAL, **more: Any) -> Definition:
    """The definition of a study whose runs share these overrides."""
    given: dict[str, Any] = {"design": "search", "seeds": (1,), "pruner": "", "fraction": 1.0, **more}
    return define((composed(*overrides), composed(*overrides, "seed=77")), space, goal, **given)


@given(wanted=DEFINITIONS)
def test_a_definition_is_the_same_after_json(wanted: Definition) -> None:
    """Whatever stands in it, the storage's copy means the same."""

    require_same("study", json.loads(json.dumps(wanted.plain())), wanted)


@given(one=DEFINITIONS, other=DEFINITIONS)
def test_digests_are_equal_exactly_for_equal_definitions(one: Definition, other: Definition) -> None:
    """A study without a name is named by its digest."""

    again = Definition(**{**vars(one), "space": dict(reversed(one.space.items()))})

    assert one.digest == again.digest
    assert (json.dumps(one.plain(), sort_keys=True) == json.dumps(other.plain(), sort_keys=True)) == (
        one.digest == other.digest
    )


def test_a_definition_of_real_runs_survives_json() -> None:
    """Lists of labels, nulls and numbers as the configuration has them."""

    wanted = defined("experiment=ci")

    require_same("study", json.loads(json.dumps(wanted.plain())), wanted)


def test_a_study_that_grows_keeps_what_its_old_levels_are() -> None:
    """More seeds and levels are told; with a change to what was there, the change alone is."""
    first, second = (choice("training", "fast", "slow", *more) for more in ((), ("late",)))
    shared: dict[str, Any] = {"design": "factorial", "seeds": (1, 2)}
    levels = {"training=fast": {"training.epochs": 1}, "training=slow": {"training.epochs": 2}}
    begun = defined(space=Space((first,)), levels=levels, **shared).plain()
    grown = {"space": Space((second,)), **shared, "seeds": (1, 2, 3)}
    late = {"training=late": {"training.epochs": 9}}

    assert require_same("mine", begun, defined(**grown, levels={**levels, **late})) == ["1 more seed", "training=late"]
    with pytest.raises(StudyError, match=r"another study \(training=fast: training.epochs: 1 before, 3 now\)"):
        require_same("mine", begun, defined(**grown, levels={**levels, **late, "training=fast": {"training.epochs": 3}}))


def test_growing_hides_no_change_to_a_level_that_was_there() -> None:
    """A key that an old level sets only now must have what all runs shared; a further level may be why it is named."""
    first, second = (choice("experiment", "a", "b", *more) for more in ((), ("c",)))
    begun = defined(space=Space((first,)), design="factorial", levels={"experiment=b": {"training.epochs": 2}}).plain()
    shared = begun["fixed"]["training.batch_size"]

    def grown(batch: int) -> Definition:
        slow = {"training.epochs": 2, "training.batch_size": batch}
        late = {"training.epochs": 9, "training.batch_size": 4}
        return defined(space=Space((second,)), design="factorial", levels={"experiment=b": slow, "experiment=c": late})

    assert require_same("mine", begun, grown(shared)) == ["experiment=c"]
    with pytest.raises(StudyError, match=r"experiment=b: training.batch_size"):
        require_same("mine", begun, grown(shared + 1))


@pytest.mark.parametrize(
    "override",
    [
        "tracking.folder=elsewhere",
        "tracking=none",
        "study=other",
        "force=true",
        "replicates=4",
        "training.threads=1",
        "generate.max_usd=7",
        "generate.concurrency=2",
        "generate.timeout_s=9",
        "generate.on_demand=false",
        "llm.base_url=http://127.0.0.1:1/v1",
        "privacy.allow_real_text=true",
        "sweep.dry_run=true",
        "seed=9",
    ],
)
def test_what_changes_no_number_is_not_in_it(override: str) -> None:
    """Another folder, more threads: the same study goes on."""

    assert defined() == defined(override)


@pytest.mark.parametrize(
    "override",
    [
        "training.epochs=4",
        "training.device=cpu",
        "characteristics.kind=none",
        "mix.ratio=1.0",
        "model=tiny",
        "data.split_seed=9",
    ],
)
def test_what_changes_numbers_is_in_it(override: str) -> None:
    """It makes another study, unless the study varies it."""

    varied = Space((choice(override.partition("=")[0], 1, 2),))

    assert defined() != defined(override)
    assert defined(space=varied) == defined(override, space=varied)


def test_a_definition_holds_space_goal_and_seeds() -> None:
    """As it stands in study.yaml."""

    goal = Goal(("dev/f1/macro", "time/train"), ("maximize", "minimize"), (parse_constraint("dev/f1/A1>=0.1"),), "lower_bound")

    kept = defined(space=Space((choice("llm", "a", "b"),)), goal=goal, seeds=(3, 4), pruner="P", fraction=0.5).plain()

    fixed = kept.pop("fixed")
    assert kept == {
        "design": "search",
        "space": {"llm": "choice(a, b)"},
        "objectives": ["maximize dev/f1/macro", "minimize time/train"],
        "constraints": ["dev/f1/A1 >= 0.1"],
        "aggregate": "lower_bound",
        "seeds": [3, 4],
        "pruner": "P",
        "fraction": 0.5,
        "levels": {},
    }
    assert "training.epochs" in fixed
    assert not [key for key in fixed if key.startswith(("llm", "seed", "tracking", "sweep"))]


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"space": {"llm": "choice(a, b, c)"}}, "hydra.sweeper.params.llm: choice(a, b) before, choice(a, b, c) now"),
        ({"space": {}}, "hydra.sweeper.params.llm: choice(a, b) before, not there now"),
        ({"fixed": {"training.epochs": 5}}, "training.epochs: 3 before, 5 now"),
        ({"fixed": {"training.epochs": 3, "mix.ratio": 1}}, "mix.ratio: not there before, 1 now"),
        ({"seeds": (1, 2, 3)}, "seeds: [1, 2] before, [1, 2, 3] now"),
        (
            {"objectives": ("minimize time/train",)},
            "['maximize dev/average_precision/macro'] before, ['minimize time/train'] now",
        ),
        ({"pruner": "W" * 80}, f"pruner:  before, {'W' * 59}… now"),
        ({"design": "factorial", "fraction": 0.5}, "design: search before, factorial now; fraction: 1.0 before, 0.5 now"),
    ],
)
def test_a_changed_study_is_refused_with_the_difference(changes: dict[str, Any], difference: str) -> None:
    with pytest.raises(StudyError, match=re.escape(difference)) as caught:
        require_same("doses", definition().plain(), definition(**changes))

    assert str(caught.value).startswith("study=doses was begun as another study (")
    assert str(caught.value).endswith("take another name with study=NAME "
                                      "(finished runs are reused all the same), or give the command as it was")  # fmt: skip


def test_a_difference_in_many_keys_is_shown_by_the_first_few() -> None:
    many = replace(definition(), fixed={f"key.{index}": index for index in range(9)})

    with pytest.raises(StudyError, match=r"key\.5: not there before, 5 now; and 4 more\)"):
        require_same("doses", definition().plain(), many)
