"""A forecast of a study: what LLMs would be asked, how much is finished, and how long the rest takes.

Nothing is sent, trained or written. Where texts are not there yet, what depends on them counts at its most.
"""

import logging
import statistics
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from cachetools import LRUCache

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import LLM, SETFIT, ModelConfig
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.curate.mix import most_texts
from synthsweep.generate.answers import require_answers
from synthsweep.generate.asked_pools import NOTHING, Amount, AskedPool, AskedPools, total
from synthsweep.generate.dry_run import LookingOn, NotThereYet, PoolPart, pool_parts
from synthsweep.generate.judge import Judge
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.missing import MissingAnswers
from synthsweep.generate.pool import Pool, fill_pool
from synthsweep.generate.pool_job import GenerationJob
from synthsweep.generate.stand_ins import longer_bytes, stand_ins
from synthsweep.progress import silent
from synthsweep.run.cache import ProcessCache
from synthsweep.run.characterize import open_embedder
from synthsweep.run.classifiers.llm import llm_texts
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData, open_completer_of, pool_key, prepare, prompt_plan_of
from synthsweep.study.gathered_warnings import gathered_warnings
from synthsweep.study.lengths import StudyLengths
from synthsweep.study.reuse import find_kept, lacks_model
from synthsweep.track.reader import FinishedRuns
from synthsweep.train.schedule import pair_steps, plan_schedule

# What warns of the texts of a run.
PREPARING = logging.getLogger(prepare.__module__)
# Cells come seed by seed, each of which may have a pool of its own; one of 4,000 texts takes two MiB.
POOLS = 32


@dataclass(frozen=True)
class StudyForecast:
    """`steps` is the most that is left to train; `seconds` are for one worker, None where some encoder was not measured yet.

    `lengths` says which texts are cut, or read in how many windows. `usual` and `most` are what all `pools` take together; a
    search may reach fewer of them than there are.
    """

    finished: int
    left: int
    steps: int
    seconds: float | None
    measured_on: int
    lengths: tuple[str, ...] = ()
    pools: tuple[AskedPool, ...] = ()
    usual: Amount = NOTHING
    most: Amount = NOTHING

    @property
    def lacks(self) -> list[str]:
        """What is to be done before its pools may be asked for."""
        return [step for pool in self.pools for step in pool.lacks]


@dataclass(frozen=True)
class RunForecast:
    """`steps` is the most that a run trains, on texts of so many `windows`; `pools` identifies what it asks of LLMs."""

    finished: bool
    steps: int
    model: ModelConfig
    pools: frozenset[Hashable] = frozenset()
    windows: float = 1.0


def forecast(
    configs: Iterable[RunConfig], finished_runs: FinishedRuns | None, cache: ProcessCache | None = None
) -> StudyForecast:
    """Looks at every run of a study, and at which of them are finished.

    `finished_runs` is None where there is no store yet; `cache` may have texts that were read before.

    Raises:
        InputError: the data or the pool of a run cannot be read.
    """
    forecaster = Forecaster(finished_runs, cache=cache or ProcessCache())
    with gathered_warnings(PREPARING):
        runs = [forecaster.look_at(config) for config in configs]
    left = [run for run in runs if not run.finished]
    steps = sum(run.steps for run in left)
    pools = forecaster.asked.pools()
    seconds = forecaster.seconds(left)
    return StudyForecast(
        len(runs) - len(left), len(left), steps, None if seconds is None else sum(seconds), forecaster.measured_on,
        forecaster.sentences(), tuple(pools), total(pool.usual for pool in pools), total(pool.most for pool in pools),
    )  # fmt: skip


def forecast_search(
    trials: Iterable[Sequence[RunConfig]], n_trials: int, finished_runs: FinishedRuns | None, *, countable: bool
) -> StudyForecast:
    """A search at its most: each of its trials as large as the largest of `trials`, which holds the ends of its space.

    Each of `trials` is the runs of one configuration, which stand for all replicates if their texts do not depend on the seed.
    `countable`: the search reaches no other pools than these trials.
    """
    forecaster = Forecaster(finished_runs)
    with gathered_warnings(PREPARING):
        looked_at = [[forecaster.look_at(config, finished=False) for config in configs] for configs in trials]
    runs = [run for trial in looked_at for run in trial]
    seconds = forecaster.seconds(runs)
    of_trials = [forecaster.asked.pools(set().union(*(run.pools for run in trial))) for trial in looked_at]
    pools, usual, most = forecaster.asked.pools(), NOTHING, NOTHING
    for reached in of_trials:
        usual = usual.or_more(total(pool.usual for pool in reached))
        most = most.or_more(total(pool.most for pool in reached))
    usual, most = usual.times(n_trials), most.times(n_trials)
    if countable:
        usual = usual.up_to(total(pool.usual for pool in pools))
        most = most.up_to(total(pool.most for pool in pools))
    return StudyForecast(
        0, n_trials, n_trials * max(run.steps for run in runs), None if seconds is None else n_trials * max(seconds),
        forecaster.measured_on, forecaster.sentences(), tuple(pools), usual, most,
    )  # fmt: skip


@dataclass
class Forecaster:
    """Looks at runs one after the other; pools that several share are planned once."""

    finished_runs: FinishedRuns | None
    asked: AskedPools = field(default_factory=AskedPools)
    looking_on: LookingOn = field(default_factory=LookingOn)
    cache: ProcessCache = field(default_factory=ProcessCache)
    lengths: StudyLengths = field(default_factory=StudyLengths)
    _parts: dict[str, list[PoolPart]] = field(default_factory=dict)
    _pools: LRUCache[str, tuple[Pool, str]] = field(default_factory=lambda: LRUCache(POOLS))
    _step_seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def look_at(self, config: RunConfig, *, finished: bool = True) -> RunForecast:
        """What one run asks and trains; `finished` false does not look whether it is finished, nor at its texts."""
        corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset, cache=self.cache.corpora)
        parts = self._pool_parts(config, corpus)
        jobs = [part.job for part in parts if part.job is not None]
        pools = {self.asked.add(job, _writer(job)) for job in jobs}
        missing = any(job.requests for job in jobs)
        answers: list[LlmJob] = []
        if config.model.kind == LLM:
            asked = llm_texts(config, corpus, Collaborators(asking=self.looking_on))
            answers.append(asked.classifier.plan(asked.examples))
            pools.add(self.asked.add(answers[0], f"{config.classifier.model} classifies"))
        prepared = None
        if finished and not missing:
            prepared, judged = self._prepared(config)
            pools |= {self.asked.add(job, _judge_of(config)) for job in judged}
        elif config.mix.reads_pool and config.curation.label_check == "judge":
            pools |= self._judged(config, corpus, parts)
        if prepared is not None and self._is_finished(config, prepared):
            return RunForecast(True, planned_steps(config, prepared), config.model, frozenset(pools))
        for job in answers:
            require_answers(job)
        steps = most_steps(config, corpus, _most_pool(config, jobs)) if prepared is None else planned_steps(config, prepared)
        lengths = self.lengths.look_at(config, corpus)
        return RunForecast(False, steps, config.model, frozenset(pools), lengths.windows_per_text if lengths else 1.0)

    def sentences(self) -> tuple[str, ...]:
        """What is cut off of the texts of the runs that are left, or how many windows they take."""
        return tuple(self.lengths.sentences())

    def _is_finished(self, config: RunConfig, prepared: TrainingData) -> bool:
        if self.finished_runs is None or config.force:
            return False
        kept = find_kept(config, prepared, self.finished_runs)
        return kept is not None and not lacks_model(config, kept)

    def seconds(self, runs: Sequence[RunForecast]) -> list[float] | None:
        """Seconds of each run; None where no run of an encoder was measured yet."""
        # What takes no steps takes seconds.
        measured = [self._measured(run.model) if run.steps else [0.0] for run in runs]
        if not runs or not all(measured):
            return None
        return [run.steps * run.windows * statistics.median(one) for run, one in zip(runs, measured, strict=True)]

    @property
    def measured_on(self) -> int:
        return sum(map(len, self._step_seconds.values()))

    def _measured(self, model: ModelConfig) -> list[float]:
        key = model.name, model.name_or_path
        if key not in self._step_seconds:
            self._step_seconds[key] = self.finished_runs.step_seconds(model) if self.finished_runs is not None else []
        return self._step_seconds[key]

    def _pool_parts(self, config: RunConfig, corpus: Corpus) -> list[PoolPart]:
        if not config.mix.reads_pool:
            return []
        if (key := pool_key(config)) not in self._parts:
            self._parts[key] = pool_parts(config, prompt_plan_of(config, corpus), self.looking_on)
        return self._parts[key]

    def _prepared(self, config: RunConfig) -> tuple[TrainingData | None, list[LlmJob]]:
        """The training data, None if answers of the judge are missing; and the judge's jobs."""
        self.looking_on.jobs.clear()
        embedder = open_embedder(config, read_only=True)
        collaborators = Collaborators(cache=self.cache, asking=self.looking_on, embedder=embedder, pools=self._pools)
        try:
            prepared = prepare(config, collaborators)
        except NotThereYet:
            prepared = None
        return prepared, [job for job in self.looking_on.jobs if isinstance(job.missing, MissingAnswers)]

    def _judged(self, config: RunConfig, corpus: Corpus, parts: Sequence[PoolPart]) -> set[Hashable]:
        """The judge's answers about the texts that are there, and about as many stand-ins as are missing."""
        judge, name = Judge(config, corpus.labels, silent, self.looking_on), _judge_of(config)
        mark = f"{config.plant}{config.seeds.draw}" if config.plant.truncation or config.plant.near_duplicates else ""
        pools: set[Hashable] = set()
        for part in parts:
            completer = part.job.replies if part.job else open_completer_of(part.config, part.prompt_plan, corpus)
            there = fill_pool(part.config, part.prompt_plan, completer).examples
            job = judge.plan(there)
            require_answers(job)
            pools.add(self.asked.add(job, name))
            if part.job is not None and part.job.requests:
                missing = judge.plan([*stand_ins(part.job, mark)])
                pools.add(self.asked.add(missing, name, longer=longer_bytes(part.job)))
        return pools


def planned_steps(config: RunConfig, prepared: TrainingData) -> int:
    """Optimiser steps of a run that does not stop early; 0 for a classifier that takes none."""
    return _steps(config, len(prepared.mix.examples), prepared.mix.baseline)


def most_steps(config: RunConfig, corpus: Corpus, most_pool: int | None = None) -> int:
    """The most optimiser steps of a run whose synthetic texts are not known yet.

    Raises:
        PoolError: its pool will have too few texts.
    """
    real = corpus.split.train
    count = most_texts(config.mix, real, most_pool)
    return _steps(config, count, len(real))


def _steps(config: RunConfig, count: int, baseline: int) -> int:
    if config.model.kind == SETFIT:
        return pair_steps(count, config.model.pairs)
    return plan_schedule(config.training, count=count, baseline=baseline).steps if config.model.trains_steps else 0


def _most_pool(config: RunConfig, jobs: Sequence[GenerationJob]) -> int | None:
    """How many texts the pool of an LLM will have at most; None where another source decides that."""
    return sum(job.missing.total for job in jobs) if config.mix.reads_pool and config.llm.hosted else None


def _writer(job: GenerationJob) -> str:
    return f"{job.llm.model} prompt={job.config.prompt.variant}"


def _judge_of(config: RunConfig) -> str:
    return f"{config.judge.model} judges {config.llm.model or config.llm.name} prompt={config.prompt.variant}"
