"""Outcomes and trials."""

import json

from support.studies import outcome
from synthsweep.study.queue.trial_queue import Outcome, Trial


def test_an_outcome_survives_json() -> None:
    """It travels between processes, and is stored in the table of claims."""

    made = outcome(None, run_id="r1", pruned="worse", time__train=1.5)

    assert Outcome(**json.loads(json.dumps(made.plain()))) == made


def test_metrics_are_in_the_order_of_the_seeds() -> None:
    """However the replicates ended."""

    trial = Trial(0, {}, outcomes={2: outcome(0.3), 0: outcome(0.1), 1: outcome(0.2)})

    assert [next(iter(metrics.values())) for metrics in trial.metrics()] == [0.1, 0.2, 0.3]
