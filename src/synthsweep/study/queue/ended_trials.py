"""Counts the trials of a search that have ended, each once: they never change, and a large study has thousands of them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from optuna.trial import FrozenTrial, TrialState

from synthsweep.study.optuna_storage import WARM

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass
class EndedTrials:
    """`finished` have a value or were pruned; `of_others` of them were proposed by another process or command."""

    finished: int = 0
    of_others: int = 0
    _passed: int = field(default=0, init=False)

    def count(self, trials: Sequence[FrozenTrial], own: Container[int]) -> list[FrozenTrial]:
        """Counts those before the first one that has not ended, and returns the rest; `own` are numbers of this process.

        Trials of a warm start belong to another study, and are in neither.
        """
        while self._passed < len(trials) and trials[self._passed].state.is_finished():
            trial = trials[self._passed]
            counts = trial.state in FINISHED and WARM not in trial.user_attrs
            self.finished += counts
            self.of_others += counts and trial.number not in own
            self._passed += 1
        return [trial for trial in trials[self._passed :] if WARM not in trial.user_attrs]
