"""What a run took, in dollars."""

from dataclasses import replace

import pytest

from support.builders import run_config, synthetic
from synthsweep.generate.pool import Pool, PoolCost
from synthsweep.label_checker import Verdict
from synthsweep.run.experiment import run_experiment
from synthsweep.run.prepare import prepare
from synthsweep.run.record.counts import pool_costs
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "training.threads=1", "training.epochs=2", "tracking=none", "tracking.figures=false")

PAID = Pool(examples=(synthetic("1", "A"), synthetic("2", "A")), cost=PoolCost(1, 100, 20, 0.5))


@pytest.mark.parametrize(
    ("pool", "judge_usd", "expected"),
    [
        (Pool(), 0.0, {}),
        (Pool(), 0.25, {"judge_usd": 0.25, "usd": 0.25}),
        (replace(PAID, cost=PoolCost()), 0.25, {"judge_usd": 0.25, "usd": 0.25, "usd_per_text": 0.125}),
        (PAID, 0.0, {"requests": 1, "prompt_tokens": 100, "completion_tokens": 20, "usd": 0.5, "usd_per_text": 0.25}),
        (
            PAID,
            0.25,
            {
                "requests": 1, "prompt_tokens": 100, "completion_tokens": 20,
                "judge_usd": 0.25, "usd": 0.75, "usd_per_text": 0.375,
            },
        ),
    ],
    ids=["nobody", "judge", "judge of a file", "writer", "both"],
)  # fmt: skip
def test_the_dollars_of_a_pool_are_those_of_its_writer_and_its_judge(
    pool: Pool, judge_usd: float, expected: dict[str, float]
) -> None:
    assert pool_costs(pool, judge_usd) == {f"cost/{name}": value for name, value in expected.items()}


@pytest.mark.slow
def test_a_run_counts_what_the_verdicts_on_its_texts_cost() -> None:
    """Verdicts on dropped texts count too."""

    config = run_config(*CI)
    prepared = prepare(config)
    verdicts = {name: Verdict(frozenset(), 1.0, 0.25) for name in ("kept", "dropped")}
    checked = replace(prepared, curated=replace(prepared.curated, verdicts=verdicts))

    counts = run_experiment(config, RecordingTracker(), prepared=checked).counts

    assert (counts["cost/judge_usd"], counts["cost/usd"]) == (0.5, 0.5)
