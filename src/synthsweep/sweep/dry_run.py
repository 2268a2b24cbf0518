"""`sweep.dry_run=true`: what a study would run and ask, what is there, what the rest costs and takes; nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from omegaconf import DictConfig
from rich.progress import Progress as Bar

from synthsweep.config.commands import for_shell
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import LLM
from synthsweep.display.console import open_console, print_next, print_prose
from synthsweep.display.forecast import next_after_dry_run, print_forecast_parts, time_line
from synthsweep.errors import PoolError, StudyError
from synthsweep.messages import first_line, listing
from synthsweep.pages.numbers import counted
from synthsweep.run.cache import ProcessCache
from synthsweep.study.design.ends import ends, is_countable
from synthsweep.study.design.seed_rule import seeds_from
from synthsweep.study.design.space import Assignment
from synthsweep.study.forecast import StudyForecast, forecast, forecast_search
from synthsweep.sweep.launch.local_workers import visible_gpus, worker_environments
from synthsweep.sweep.plan import Plan
from synthsweep.sweep.texts import describe_corpus
from synthsweep.track.choose import finished_runs_in


def print_forecast(plan: Plan, node: DictConfig, grown: Sequence[str] = ()) -> None:
    """Prints what the study would run and ask, and how much and how long that would take; `grown` is what it adds."""
    console, cache = open_console(), ProcessCache()
    lines = describe_corpus(plan, cache)
    if plan.settings.design == "search":
        expected = _forecast_search(plan)
        trials = plan.settings.n_trials
        console.print(f"study {plan.name}: search, {trials} trials of {plan.seeds_text}, at most {plan.jobs} replicates.")
    else:
        least = _forecast_factorial(plan, plan.seeds, cache)
        expected = _forecast_factorial(plan, seeds_from(plan.seeds[0], plan.rule.most), cache) if plan.rule else least
        console.print(f"study {plan.name}: factorial, {counted(len(plan.cells), 'configuration')} of {plan.seeds_text}.")
        if plan.idle:
            print_prose(console, f"{plan.idle}.")
        for cell in plan.cells:
            merged = f"  (stands for {cell.merged} combinations)" if cell.merged > 1 else ""
            console.print(f"  {for_shell(*plan.space.overrides(cell.assignment)) or 'as it is'}{merged}")
        for seeds, one in {len(plan.seeds): least, plan.most_seeds: expected}.items():
            print_prose(console, _replicates_line(plan, seeds, one))
        if plan.rule:
            shortest = time_line(least, _workers(node, least.left))
            print_prose(console, f"With {plan.rule.least} seeds: {shortest} What follows is with {plan.rule.most} seeds.")
    if grown:
        print_prose(console, f"The study of this name grows: {listing(list(grown), 6)}.")
    for line in lines:
        print_prose(console, line)
    print_forecast_parts(console, expected, workers=_workers(node, expected.left))
    print_next(console, *next_after_dry_run(plan.config.dry_run_key, expected.lacks))


def require_pools_here(plan: Plan) -> None:
    """Refuses a study whose texts of LLMs are not all in this folder: asked again, they would be others, and be paid for twice.

    Raises:
        StudyError: some are not here.
    """
    search = plan.settings.design == "search"
    assignments = list(ends(plan.space)) if search else [cell.assignment for cell in plan.cells]
    if not any(map(_asks, _configs(plan, assignments, plan.seeds[:1]))):
        return
    try:
        _ = _forecast_search(plan) if search else _forecast_factorial(plan, plan.seeds, ProcessCache())
    except PoolError as error:
        raise StudyError(
            f"study={plan.name} needs replies of LLMs that are not in this folder, and a machine that joins asks none: "
            f"synthsweep generate export where it began and synthsweep generate import here bring them ({first_line(error)})"
        ) from error


def _asks(config: RunConfig) -> bool:
    """Whether a run may ask an LLM that is neither recorded nor made up."""
    writes = config.mix.reads_pool and (config.llm.hosted or config.llm.kind == "union")
    return writes or config.curation.label_check == "judge" or config.model.kind == LLM


def _replicates_line(plan: Plan, seeds: int, expected: StudyForecast) -> str:
    found = f"{expected.finished} finished before and reused, {expected.left} to run."
    which = "" if plan.rule is None else "at least " if seeds == len(plan.seeds) else "at most "
    of_seeds = f" of {counted(seeds, 'seed')}" if plan.rule else ""
    return f"{which}{len(plan.cells) * seeds} replicates{of_seeds}: {found}".capitalize()


def _forecast_factorial(plan: Plan, seeds: Sequence[int], cache: ProcessCache) -> StudyForecast:
    total = len(plan.cells) * len(seeds)
    with _bar() as bar, finished_runs_in(plan.config.tracking) as finished:
        configs = _configs(plan, [cell.assignment for cell in plan.cells], seeds)
        return forecast(bar.track(configs, total=total, description="reading texts"), finished, cache)


def _forecast_search(plan: Plan) -> StudyForecast:
    """What a search will propose is not known: it counts at its most."""
    assignments = list(ends(plan.space))
    with _bar() as bar, finished_runs_in(plan.config.tracking) as finished:
        trials = (_trial(plan, assignment) for assignment in assignments)
        shown = bar.track(trials, total=len(assignments), description="reading texts")
        of_one = forecast_search(shown, plan.settings.n_trials, finished, countable=is_countable(plan.space))
    replicates = len(plan.seeds)
    seconds = None if of_one.seconds is None else of_one.seconds * replicates
    return replace(of_one, left=of_one.left * replicates, steps=of_one.steps * replicates, seconds=seconds)


def _trial(plan: Plan, assignment: Assignment) -> list[RunConfig]:
    """The runs of a trial, or one of them where all read the same pool."""
    first, *_ = configs = list(_configs(plan, [assignment], plan.seeds[:1]))
    if not first.mix.reads_pool or not _varies(first):
        return configs
    return [*configs, *_configs(plan, [assignment], plan.seeds[1:])]


def _varies(config: RunConfig) -> bool:
    """Whether requests depend on the seed: prompts show real texts, which a seed draws, or a judge is asked about texts."""
    shows_real_text = bool(config.prompt.exemplars) or config.prompt.labels == "source"
    return shows_real_text or config.curation.label_check == "judge"


def _configs(plan: Plan, assignments: Sequence[Assignment], seeds: Sequence[int]) -> Iterator[RunConfig]:
    for assignment in assignments:
        for seed in seeds:
            config = plan.composer.run([*plan.fixed, *plan.space.overrides(assignment), f"seed={seed}"])
            # The runs of a study share its budget.
            yield replace(config, study=plan.name)


def _bar() -> Bar:
    console = open_console(stderr=True)
    return Bar(console=console, transient=True, disable=not console.is_terminal)


def _workers(node: DictConfig, left: int) -> int:
    wanted = node.hydra.launcher.get("n_workers", 0)
    return min(len(worker_environments(wanted, 0, visible_gpus())), max(left, 1))
