"""At which level a pruner works, and what it then demands of a study; pure."""

from collections.abc import Mapping
from typing import Any

from synthsweep.errors import StudyError
from synthsweep.study.objective import Goal

# What training looks at after each epoch.
WATCHED = "dev/average_precision/macro"
# A one-sided Wilcoxon test of fewer pairs can reach no p below 0.1.
REPLICATES_BEFORE_PRUNING = 4


def pruning_level(pruner: Mapping[str, Any] | None, goal: Goal, *, design: str, replicates: int) -> str:
    """`replicate` for the paired test, `epoch` for every other pruner, empty for none.

    Raises:
        StudyError: the pruner cannot do its work in this study.
    """
    target = str((pruner or {}).get("_target_", "")).rpartition(".")[2]
    if not pruner or target == "NopPruner":
        return ""
    name = f"hydra.sweeper.pruner={target}"
    if design == "factorial":
        raise StudyError(f"{name}: a factorial study needs all of its cells; prune with hydra.sweeper.design=search")
    if len(goal.metrics) > 1:
        raise StudyError(f"{name}: with {len(goal.metrics)} objectives no trial is simply worse; set hydra.sweeper.pruner=null")
    if target == "WilcoxonPruner":
        if replicates <= REPLICATES_BEFORE_PRUNING:
            raise StudyError(
                f"{name} acts after {REPLICATES_BEFORE_PRUNING} replicates: set replicates=5 or more, got {replicates}"
            )
        return "replicate"
    if (goal.metrics, goal.directions) != ((WATCHED,), ("maximize",)):
        raise StudyError(
            f"{name} looks at {WATCHED} after each epoch: maximise that, or prune by replicate with WilcoxonPruner"
        )
    if goal.constraints:
        raise StudyError(f"{name} would compare with infeasible trials: with hydra.sweeper.constraints take WilcoxonPruner")
    return "epoch"
