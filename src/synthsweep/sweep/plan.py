"""From Hydra's configuration and arguments to the plan of a study: nothing is trained, nothing is written."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig, open_dict, read_write

from synthsweep.audit.checker import open_audited
from synthsweep.config.commands import without_multirun
from synthsweep.config.compose.grammar import quoted
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.rules import MAX_SEED
from synthsweep.corpus.load import source_files
from synthsweep.errors import StudyError
from synthsweep.study.design.definition import Definition, define
from synthsweep.study.design.factorial import DesignCell, plan_cells
from synthsweep.study.design.objective import Goal, make_goal, require_known
from synthsweep.study.design.pruning import pruning_level
from synthsweep.study.design.space import Assignment, Choice, Factor, Space, Value
from synthsweep.study.queue.trial_queue import Job
from synthsweep.study.run_key import RESULTS_VERSION, config_key
from synthsweep.sweep.overrides import make_space, read_overrides


@dataclass(frozen=True)
class Plan:
    """A study that can be opened: `fixed` are the overrides that all of its runs share, `config` is one of its runs.

    `pruning` is the level at which a pruner works; `cells` are the configurations of a factorial design.
    """

    name: str
    settings: SweeperSettings
    config: RunConfig
    definition: Definition
    space: Space
    goal: Goal
    seeds: tuple[int, ...]
    fixed: tuple[str, ...]
    pruning: str
    cells: tuple[DesignCell, ...]

    @property
    def jobs(self) -> int:
        """How many replicates the study has in all."""
        trials = len(self.cells) if self.settings.design == "factorial" else self.settings.n_trials
        return trials * len(self.seeds)

    @property
    def seeds_text(self) -> str:
        return f"{len(self.seeds)} seed{'s' * (len(self.seeds) != 1)}"

    @property
    def size(self) -> str:
        """Design and size of the study in words."""
        if self.settings.design == "search":
            return f"search, {self.settings.n_trials} trials of {self.seeds_text}"
        combinations = sum(cell.merged for cell in self.cells)
        merged = f" ({combinations} combinations; those without synthetic texts share one control)"
        shared = merged if combinations > len(self.cells) else ""
        return f"factorial, {len(self.cells)} configurations{shared} of {self.seeds_text}: {self.jobs} replicates"

    def overrides(self, job: Job, parent: str) -> tuple[str, ...]:
        """The overrides of a job, with the keys that make it a replicate of its trial."""
        keys = [f"study={quoted(self.name)}", f"sweep.trial={job.trial.number}", f"sweep.replicate={job.replicate}"]
        # Unquoted, 32 hexadecimal digits may read as a number.
        below = [f"sweep.parent={quoted(parent)}"] if parent else []
        return (*self.fixed, *self._levels(job), f"seed={job.seed}", *keys, *below)

    def alone(self, job: Job) -> tuple[str, ...]:
        """The overrides with which `synthsweep run` runs this job alone."""
        return (*without_multirun(self.fixed), *self._levels(job), f"seed={job.seed}")

    def _levels(self, job: Job) -> list[str]:
        """The levels of a job; a control that stands for several combinations of the grid runs as the first of them."""
        first = next((cell.first for cell in self.cells if cell.digest == job.trial.item), job.trial.assignment)
        return self.space.overrides(first)


def make_plan(settings: SweeperSettings, node: DictConfig, loader: ConfigLoader, arguments: Sequence[str]) -> Plan:
    """The plan of the study that `hydra.sweeper` and the arguments describe.

    Raises:
        StudyError: the space, the design and the goal do not fit together.
        ConfigError: a run of the study could not be composed.
    """
    search = settings.design == "search"
    factors, fixed = read_overrides(settings.params, arguments, loader, search=search)
    factors, swept_seeds = _take_seeds(factors, search=search)
    space = make_space(factors, settings.conditions)
    config = compose_run(node, loader, [*fixed, *space.overrides(_first_assignment(space))])
    seeds = _seeds(config, swept_seeds)
    goal = make_goal(settings.objective, settings.direction, settings.constraints, settings.aggregate, len(seeds))
    require_known(goal, config.labels.ids)
    _require_design(settings, space)
    pruning = pruning_level(settings.pruner, goal, design=settings.design, replicates=len(seeds))
    definition = define(
        config, space, goal, design=settings.design, seeds=seeds, pruner=str(settings.pruner or ""), fraction=settings.fraction
    )
    beside = {**_other_inputs(config, settings), **_audit_answers(space, config, node, loader, fixed)}
    definition = replace(definition, fixed={**definition.fixed, **beside})
    fixed = [text for text in fixed if text.partition("=")[0] not in {"seed", "study"}]
    plan = Plan(
        config.study or f"sweep-{definition.digest[:8]}",
        settings, config, definition, space, goal, seeds, tuple(fixed), pruning, (),
    )  # fmt: skip
    return plan if search else replace(plan, cells=tuple(_design_cells(plan, node, loader)))


def _require_design(settings: SweeperSettings, space: Space) -> None:
    """Raises StudyError for a search without a factor, and for a factorial design with keys of a search."""
    search = settings.design == "search"
    if search and not space.factors:
        raise StudyError(
            "hydra.sweeper.design=search: there is nothing to search; vary a key, as in training.learning_rate=..."
        )
    unused = [name for name in ("sampler", "enqueue", "warm_start") if getattr(settings, name)]
    if unused and not search:
        raise StudyError(f"hydra.sweeper.{unused[0]} is for a search: set hydra.sweeper.design=search, or leave it out")


def _other_inputs(config: RunConfig, settings: SweeperSettings) -> dict[str, str]:
    """What decides the numbers beside the keys: contents of files, the draw of a fraction, the results version, tracking."""
    files = [*source_files(config.data), *([Path(config.llm.path).expanduser()] if config.llm.path else [])]
    digests = {f"content of {file}": hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files if file.is_file()}
    drawn = {"hydra.sweeper.seed": str(settings.seed)} if settings.fraction < 1 else {}
    kept = "nothing" if config.tracking.kind == "none" else "runs"
    return {**digests, **drawn, "results version": str(RESULTS_VERSION), "tracking keeps": kept}


def _audit_answers(
    space: Space, config: RunConfig, node: DictConfig, loader: ConfigLoader, fixed: Sequence[str]
) -> dict[str, str]:
    """The digest of the answers of every audit that some run reads: with more answers, it is another study."""
    choices = {factor.key: factor.texts for factor in space.factors if isinstance(factor, Choice)}
    named = [compose_run(node, loader, [*fixed, f"curation={text}"]).curation.audit for text in choices.get("curation", ())]
    audits = {config.curation.audit, *named, *choices.get("curation.audit", ())} - {None, "null"}
    return {
        f"answers of audit {name}": open_audited(config.tracking.folder, str(name)).digest[:12]
        for name in sorted(map(str, audits))
    }


def compose_run(node: DictConfig, loader: ConfigLoader, overrides: Sequence[str]) -> RunConfig:
    """A run's configuration, as its worker will compose it."""
    return frozen(without_hydra(loader.load_sweep_config(node, list(overrides))), RunConfig)


def without_hydra(node: DictConfig) -> DictConfig:
    """The application's own configuration, without the node `hydra`."""
    with read_write(node), open_dict(node):
        del node["hydra"]
    return node


def _design_cells(plan: Plan, node: DictConfig, loader: ConfigLoader) -> list[DesignCell]:
    # Every combination is composed before any runs: an invalid one is refused at once.
    def acting(assignment: dict[str, Value]) -> str:
        return config_key(compose_run(node, loader, [*plan.fixed, *plan.space.overrides(assignment)]))

    return plan_cells(plan.space, acting, fraction=plan.settings.fraction, seed=plan.settings.seed)


def _take_seeds(factors: list[Factor], *, search: bool) -> tuple[list[Factor], tuple[int, ...]]:
    """The factors without `seed`, and its levels: `seed=1,2,3` means three replicates of every cell."""
    swept = [factor for factor in factors if factor.key == "seed"]
    if not swept:
        return factors, ()
    if search or not isinstance(swept[0], Choice):
        raise StudyError("seed cannot be varied in a search: set replicates=N, and every trial runs with N seeds")
    levels = swept[0].levels
    if not all(isinstance(level, int) and 0 <= level <= MAX_SEED for level in levels):
        raise StudyError(f"seed must be whole numbers from 0, got {', '.join(swept[0].texts)}")
    return [factor for factor in factors if factor.key != "seed"], tuple(int(str(level)) for level in levels)


def _seeds(config: RunConfig, swept: tuple[int, ...]) -> tuple[int, ...]:
    if swept and config.replicates > 1:
        raise StudyError(
            f"replicates={config.replicates} and seed={','.join(map(str, swept))} say the same: leave one of them out"
        )
    return swept or tuple(config.seed + number for number in range(config.replicates))


def _first_assignment(space: Space) -> Assignment:
    """The first level of every factor that acts."""
    assignment: dict[str, Value] = {}
    for factor in space.factors:
        if space.acts(factor.key, assignment):
            assignment[factor.key] = first_level(factor)
    return assignment


def first_level(factor: Factor) -> Value:
    """The first level of a choice, the lower bound of a range."""
    if isinstance(factor, Choice):
        return factor.levels[0]
    return int(factor.low) if factor.whole else factor.low


def read_settings(given: dict[str, Any]) -> SweeperSettings:
    """`hydra.sweeper` as its checked type."""
    return SweeperSettings(**given)
