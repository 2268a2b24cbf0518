"""What a dry run refuses, and what a study is opened with."""

from collections.abc import Callable
from typing import Any

import pytest

from synthsweep.errors import StudyError
from synthsweep.sweep.open_queue import require_runnable


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"enqueue": [{"mix.ratio": 0.7}]}, r"^hydra\.sweeper\.enqueue\[0\]"),
        ({"enqueue": [{"mix.ratio": 0.5}, {"mix.ratoi": 0.5}]}, r"^hydra\.sweeper\.enqueue\[1\]"),
        ({"warm_start": "nobody"}, r"^hydra\.sweeper\.warm_start=nobody: "),
        ({"sampler": {"_target_": "optuna.samplers.GridSampler"}}, r"hydra\.sweeper\.design=factorial without a sampler$"),
    ],
    ids=["a level", "a key", "another study", "a grid"],
)
def test_a_dry_run_refuses_what_the_search_would_refuse(
    planned: Callable[..., Any], settings: dict[str, Any], message: str
) -> None:
    """A search that runs overnight must not begin with an error."""
    plan = planned("mix.ratio=0,0.5", design="search", **settings).plan

    with pytest.raises(StudyError, match=message):
        require_runnable(plan)
