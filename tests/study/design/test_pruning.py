"""Which pruner works at which level, and what it requires."""

import re
from typing import Any

import pytest

from support.studies import AP, GOAL
from synthsweep.errors import StudyError
from synthsweep.study.design.objective import Goal, parse_constraint
from synthsweep.study.design.pruning import pruning_level

WILCOXON = {"_target_": "optuna.pruners.WilcoxonPruner"}
MEDIAN = {"_target_": "optuna.pruners.MedianPruner"}
TIGHT = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))


def level(pruner: Any, goal: Goal = GOAL, design: str = "search", replicates: int = 5) -> str:
    return pruning_level(pruner, goal, design=design, replicates=replicates)


@pytest.mark.parametrize("pruner", [None, {}, {"_target_": "optuna.pruners.NopPruner"}])
def test_no_pruner_suits_every_study(pruner: Any) -> None:
    """Neither design nor goal matters."""

    assert level(pruner, Goal((AP, "time/train"), ("maximize", "minimize")), design="factorial", replicates=1) == ""


def test_the_paired_test_prunes_replicates_and_every_other_pruner_epochs() -> None:
    """The paired test allows constraints and any objective."""

    assert level(WILCOXON) == "replicate"
    assert level(WILCOXON, Goal(("time/train",), ("minimize",), TIGHT.constraints)) == "replicate"
    assert level(MEDIAN, replicates=1) == "epoch"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"pruner": MEDIAN, "design": "factorial"},
            "hydra.sweeper.pruner=MedianPruner: a factorial study needs all of its cells",
        ),
        (
            {"pruner": WILCOXON, "goal": Goal((AP, "time/train"), ("maximize",) * 2)},
            "hydra.sweeper.pruner=WilcoxonPruner: with 2 objectives",
        ),
        (
            {"pruner": WILCOXON, "replicates": 4},
            "hydra.sweeper.pruner=WilcoxonPruner acts after 4 replicates: set replicates=5 or more, got 4",
        ),
        (
            {"pruner": MEDIAN, "goal": Goal(("dev/f1/macro",), ("maximize",))},
            f"hydra.sweeper.pruner=MedianPruner looks at {AP}",
        ),
        ({"pruner": MEDIAN, "goal": Goal((AP,), ("minimize",))}, f"hydra.sweeper.pruner=MedianPruner looks at {AP}"),
        ({"pruner": MEDIAN, "goal": TIGHT}, "hydra.sweeper.pruner=MedianPruner would compare with infeasible trials"),
    ],
)
def test_a_pruner_that_cannot_work_is_refused(arguments: dict[str, Any], message: str) -> None:
    """Before anything runs."""

    with pytest.raises(StudyError, match=f"^{re.escape(message)}"):
        level(**arguments)
