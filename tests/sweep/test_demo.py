"""What `make demo` asks; tests/benchmarks/demo_answer.py prints what it answers."""

from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.types import RunMode
from omegaconf import OmegaConf

from synthsweep.sweep.plan import make_plan, read_settings
from synthsweep.train.schedule import plan_schedule

# Training takes most of the time: more steps than these break the promise of four minutes.
MOST_STEPS = 1500


def test_the_demo_sets_synthetic_texts_beside_a_control_at_equal_steps(loader: ConfigLoader) -> None:
    """Both share one baseline, and all of it is small."""

    node = loader.load_configuration("run", ["sweeps=demo"], run_mode=RunMode.MULTIRUN)
    given: dict[str, Any] = OmegaConf.to_container(node.hydra.sweeper, resolve=True)  # type: ignore[assignment]
    settings = read_settings({key: value for key, value in given.items() if not key.startswith("_")})
    plan = make_plan(settings, node, loader, ["sweeps=demo"])

    training, real = plan.config.training, plan.config.data.train_size
    steps = plan.jobs * plan_schedule(training, count=real, baseline=real).steps
    arms = [" ".join(plan.space.overrides(cell.assignment)) for cell in plan.cells]
    assert (training.match_steps, steps <= MOST_STEPS) == (True, True)
    assert arms == ["mix.ratio=0", "mix=augment mix.ratio=4", "mix=duplicate_real mix.ratio=4"]
