"""The keys of hydra.sweeper."""

import re
from typing import Any

import pytest

from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.errors import ConfigError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"design": "grid"}, "hydra.sweeper.design must be one of factorial, search; got grid"),
        ({"fraction": 0}, "hydra.sweeper.fraction must be in (0, 1], got 0"),
        ({"fraction": 1.1}, "hydra.sweeper.fraction must be in (0, 1], got 1.1"),
        ({"n_trials": 0}, "hydra.sweeper.n_trials must be at least 1, got 0"),
        ({"max_retries": -1}, "hydra.sweeper.max_retries must be in [0, 100], got -1"),
        ({"lease_s": 0.5}, "hydra.sweeper.lease_s must be at least 1, got 0.5"),
        ({"batch_size": -1}, "hydra.sweeper.batch_size must be at least 0, got -1"),
        ({"seed": -1}, "hydra.sweeper.seed must be in [0, 4294967295], got -1"),
    ],
)
def test_a_setting_out_of_range_names_key_rule_and_value(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}(: |$)"):
        SweeperSettings(**values)


def test_the_defaults_are_a_whole_factorial_study_of_average_precision_on_dev() -> None:
    settings = SweeperSettings()

    assert (settings.design, settings.fraction) == ("factorial", 1.0)
    assert (settings.objective, settings.direction) == ("dev/average_precision/macro", "maximize")
    assert (
        settings.pruner, settings.sampler, settings.constraints, settings.params, settings.conditions
    ) == (None, None, [], {}, {})  # fmt: skip
