"""From Hydra's overrides to a study: plan, run, forecast, power."""
