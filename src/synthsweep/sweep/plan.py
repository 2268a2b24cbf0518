"""From Hydra's configuration and arguments to the plan of a study: nothing is trained, nothing is written."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig

from synthsweep.config.commands import assign, without_multirun
from synthsweep.config.compose.grammar import quoted
from synthsweep.config.compose.typed import from_plugin
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.sweeper import UNTIL, SweeperSettings
from synthsweep.config.rules import MAX_SEED
from synthsweep.corpus.corpus import require_files
from synthsweep.errors import StudyError
from synthsweep.pages.numbers import counted
from synthsweep.run.contents import contents_of
from synthsweep.study.design.definition import Definition, define
from synthsweep.study.design.factorial import DesignCell, plan_cells
from synthsweep.study.design.objective import Goal, make_goal, require_known
from synthsweep.study.design.pruning import pruning_level
from synthsweep.study.design.seed_rule import SeedRule, seeds_from
from synthsweep.study.design.space import Assignment, Choice, Factor, Space, Value
from synthsweep.study.queue.trial_queue import Job
from synthsweep.study.run_key import RESULTS_VERSION, config_key
from synthsweep.sweep.compose import Composer, open_composer
from synthsweep.sweep.levels import assignment_with, compose_levels
from synthsweep.sweep.overrides import make_space, read_overrides
from synthsweep.sweep.seed_rule import require_baseline, seed_rule


@dataclass(frozen=True)
class Plan:
    """A study that can be opened: `fixed` are the overrides that all of its runs share, `config` is one of its runs.

    `pruning` is the level at which a pruner works; `cells` are the configurations of a factorial design. `contents` are the
    digests of everything that some run reads, as of now. `named` says where a name comes from that nobody gave. `seeds` are the
    first ones where a `rule` adds others.
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
    composer: Composer
    contents: Mapping[str, str]
    named: str = ""
    rule: SeedRule | None = None

    @property
    def most_seeds(self) -> int:
        """How many seeds the study has at most."""
        return self.rule.most if self.rule else len(self.seeds)

    @property
    def jobs(self) -> int:
        """How many replicates the study has in all, at first where a rule adds others."""
        trials = len(self.cells) if self.settings.design == "factorial" else self.settings.n_trials
        return trials * len(self.seeds)

    @property
    def seeds_text(self) -> str:
        if self.rule:
            return f"{self.rule.least} to {self.rule.most} seeds until {self.rule.text}"
        return f"{len(self.seeds)} seed{'s' * (len(self.seeds) != 1)}"

    @property
    def size(self) -> str:
        """Design and size of the study in words."""
        if self.settings.design == "search":
            return f"search, {self.settings.n_trials} trials of {self.seeds_text}"
        combinations = sum(cell.merged for cell in self.cells)
        merged = f" ({combinations} combinations; those without synthetic texts share one control)"
        shared = merged if combinations > len(self.cells) else ""
        if self.rule:
            number = f"{self.jobs} to {len(self.cells) * self.rule.most}"
            return f"factorial, {len(self.cells)} configurations{shared} of {self.seeds_text}: {number} replicates"
        return f"factorial, {len(self.cells)} configurations{shared} of {self.seeds_text}: {self.jobs} replicates"

    @property
    def idle(self) -> str:
        """What was given and does not act, in one line; empty if everything does."""
        given = self.settings.n_trials
        if self.settings.design == "search" or given == SweeperSettings().n_trials:
            return ""
        return f"hydra.sweeper.n_trials={given} does not act: a factorial study runs each of its configurations"

    def overrides(self, job: Job, parent: str) -> tuple[str, ...]:
        """The overrides of a job, with the keys that make it a replicate of its trial."""
        keys = [f"study={quoted(self.name)}", f"sweep.trial={job.trial.number}", f"sweep.replicate={job.replicate}"]
        # Unquoted, 32 hexadecimal digits may read as a number.
        below = [f"sweep.parent={quoted(parent)}"] if parent else []
        return (*self.fixed, *self._levels(job), f"seed={job.seed}", *keys, *below)

    def composed(self, overrides: Sequence[str]) -> DictConfig:
        """The configuration of a job, for a worker."""
        config = self.composer.job(overrides, self.contents)
        config.sweep.factors = [factor.key for factor in self.space.factors]
        return config

    def alone(self, job: Job) -> tuple[str, ...]:
        """The overrides with which `synthsweep run` runs this job alone, on the budget of its study."""
        return (*without_multirun(self.fixed), *self._levels(job), f"seed={job.seed}", assign("study", self.name))

    def _levels(self, job: Job) -> list[str]:
        """The levels of a job; a control that stands for several combinations of the grid runs as the first of them."""
        return self.space.overrides(self._firsts.get(job.trial.item, job.trial.assignment))

    @cached_property
    def _firsts(self) -> dict[str, dict[str, Value]]:
        """The first combination that each cell stands for, by every name of the cell."""
        return {name: cell.first for cell in self.cells for name in cell.digests}


def make_plan(
    settings: SweeperSettings,
    node: DictConfig,
    loader: ConfigLoader,
    arguments: Sequence[str],
    begin: Callable[[str], None] = lambda step: None,
) -> Plan:
    """The plan of the study that `hydra.sweeper` and the arguments describe; `begin` is told of each long step.

    Raises:
        StudyError: the space, the design and the goal do not fit together.
        ConfigError: a run of the study could not be composed.
    """
    search = settings.design == "search"
    factors, fixed = read_overrides(settings.params, arguments, loader, search=search)
    factors, swept_seeds = _take_seeds(factors, search=search)
    space, composer = make_space(factors, settings.conditions), open_composer(node, loader)
    begin("composing the first configuration" if search else f"composing {counted(_combinations(factors), 'configuration')}")
    first = space.overrides(assignment_with(space, {}))
    config = composer.run([*fixed, *first])
    rule = seed_rule(settings, config, factors, swept_seeds)
    seeds = seeds_from(config.seed, rule.least) if rule else _seeds(config, swept_seeds)
    goal = _goal(settings, config, len(seeds))
    _require_design(settings, space)
    pruning = pruning_level(settings.pruner, goal, design=settings.design, replicates=len(seeds))
    own = tuple(text for text in fixed if text.partition("=")[0] not in {"seed", "study"})

    grid = StudyGrid(space, composer, own)
    cells = () if search else _cells(settings, grid, rule)
    levels = compose_levels(space, grid.compose)
    begin("digesting the files and models that the runs read")
    contents = _contents([config, *levels.configs], [grid.compose(cell.assignment) for cell in cells], all_of_them=search)
    another = composer.run([*fixed, *first, f"seed={config.seed + 1 if config.seed < MAX_SEED else 0}"])
    definition = define(
        (config, another), space, goal,
        design=settings.design, seeds=seeds, pruner=str(settings.pruner or ""), fraction=settings.fraction,
        beside={**contents, **_other_inputs(config, settings, rule)}, levels=levels.all_values(space, grid.compose),
    )  # fmt: skip
    if search:
        # What it will propose is composed later.
        composer.loader.read_all()
    return Plan(
        config.study or f"sweep-{definition.digest[:8]}",
        settings, config, definition, space, goal, seeds, own, pruning, cells, composer, contents, rule=rule,
    )  # fmt: skip


@dataclass(frozen=True)
class StudyGrid:
    """The configurations of a space; every one is composed before any runs, so that an invalid one is refused at once."""

    space: Space
    composer: Composer
    fixed: tuple[str, ...]

    def compose(self, assignment: Assignment) -> RunConfig:
        return self.composer.run([*self.fixed, *self.space.overrides(assignment)])

    def key(self, assignment: Assignment) -> str:
        """Equal for two assignments that give the same numbers."""
        return config_key(self.compose(assignment))

    def is_control(self, assignment: Assignment) -> bool:
        """Whether a run with these levels adds no text."""
        return not self.compose(assignment).mix.adds


def _combinations(factors: Sequence[Factor]) -> int:
    return math.prod(len(factor.levels) for factor in factors if isinstance(factor, Choice))


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
    if search and settings.fraction < 1:
        raise StudyError(
            f"hydra.sweeper.fraction={settings.fraction:g} is for a factorial study: set hydra.sweeper.design=factorial, or "
            "leave it out; a search takes hydra.sweeper.n_trials"
        )


def _goal(settings: SweeperSettings, config: RunConfig, seeds: int) -> Goal:
    goal = make_goal(
        settings.objective, settings.direction, settings.constraints, settings.aggregate, seeds,
        # The runs of a factorial are compared, not chosen by their objective.
        skips_undefined=settings.design != "search" or config.objective.undefined == "skip",
    )  # fmt: skip
    require_known(goal, config.labels.ids, config.labels.kind)
    return goal


def _cells(settings: SweeperSettings, grid: StudyGrid, rule: SeedRule | None) -> tuple[DesignCell, ...]:
    """The configurations of a factorial design; a rule of seeds needs the baseline among them."""
    planned = plan_cells(grid.space, grid.key, fraction=settings.fraction, seed=settings.seed, is_control=grid.is_control)
    cells = tuple(planned)
    if rule:
        require_baseline(rule, [(cell, grid.compose(cell.first)) for cell in cells])
    return cells


def _contents(levels: Sequence[RunConfig], cells: Sequence[RunConfig], *, all_of_them: bool) -> dict[str, str]:
    """What the files of all levels and cells hold; `all_of_them` where it is not known which levels will meet."""
    for config in levels:
        require_files(config.data)
    both = (*levels, *cells)
    return {name: digest for config in both for name, digest in contents_of(config, all_of_them=all_of_them).items()}


def _other_inputs(config: RunConfig, settings: SweeperSettings, rule: SeedRule | None) -> dict[str, str]:
    """What decides the numbers beside keys and files: a fraction's draw, the rule of seeds, the results version, tracking."""
    drawn = {"hydra.sweeper.seed": str(settings.seed)} if settings.fraction < 1 else {}
    skipping = settings.design == "search" and config.objective.undefined == "skip"
    skips = {"objective.undefined": "skip"} if skipping else {}
    kept = "nothing" if config.tracking.kind == "none" else "runs"
    seeds = {UNTIL: rule.text, "hydra.sweeper.max_seeds": str(rule.most)} if rule else {}
    return {**drawn, **skips, **seeds, "results version": str(RESULTS_VERSION), "tracking keeps": kept}


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


def read_settings(given: dict[str, Any]) -> SweeperSettings:
    """`hydra.sweeper` as its checked type.

    Raises:
        ConfigError: a key does not exist, or a value breaks a rule.
    """
    return from_plugin(SweeperSettings, given)
