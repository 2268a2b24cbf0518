"""At which level a pruner works, and what it then requires of a study; pure."""

from collections.abc import Mapping
from typing import Any

from synthsweep.errors import StudyError
from synthsweep.study.design.objective import Goal

# What training evaluates after each epoch.
EPOCH_METRIC = "dev/average_precision/macro"
BY_REPLICATE = "WilcoxonPruner"
# A one-sided Wilcoxon test of fewer pairs can reach no p below 0.1.
REPLICATES_BEFORE_PRUNING = 4


def pruner_name(pruner: Mapping[str, Any] | None) -> str:
    """The class of `{_target_: ...}`; empty without a pruner, and for NopPruner, which prunes nothing."""
    name = str((pruner or {}).get("_target_", "")).rpartition(".")[2]
    return "" if name == "NopPruner" else name


def prunes_by_epoch(pruner: Mapping[str, Any] | None) -> bool:
    """Whether the pruner decides after an epoch: all do but WilcoxonPruner, which compares whole replicates."""
    return pruner_name(pruner) not in {"", BY_REPLICATE}


def pruning_level(pruner: Mapping[str, Any] | None, goal: Goal, *, design: str, replicates: int) -> str:
    """`replicate` for WilcoxonPruner, `epoch` for every other pruner, empty without one.

    Raises:
        StudyError: the pruner cannot work in this study.
    """
    class_name = pruner_name(pruner)
    if not class_name:
        return ""
    name = f"hydra.sweeper.pruner={class_name}"
    if design == "factorial":
        raise StudyError(f"{name}: a factorial study needs all of its cells; prune with hydra.sweeper.design=search")
    if len(goal.metrics) > 1:
        raise StudyError(f"{name}: with {len(goal.metrics)} objectives no trial is simply worse; set hydra.sweeper.pruner=null")
    if not prunes_by_epoch(pruner):
        if replicates <= REPLICATES_BEFORE_PRUNING:
            raise StudyError(
                f"{name} acts after {REPLICATES_BEFORE_PRUNING} replicates: set replicates=5 or more, got {replicates}"
            )
        return "replicate"
    if (goal.metrics, goal.directions) != ((EPOCH_METRIC,), ("maximize",)):
        raise StudyError(
            f"{name} looks at {EPOCH_METRIC} after each epoch: maximise that, or prune by replicate with WilcoxonPruner"
        )
    if goal.constraints:
        raise StudyError(f"{name} would compare with infeasible trials: with hydra.sweeper.constraints take WilcoxonPruner")
    return "epoch"
