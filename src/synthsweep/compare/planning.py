"""The power of a planned study: from its arms, its test texts, and spreads that are assumed or taken from a pilot study."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.supplements import Power
from synthsweep.compare.stats.accuracy import with_accuracy
from synthsweep.compare.stats.power import Spread, assumed_spreads, pilot_spreads, power_table
from synthsweep.config.metrics import ACCURACY
from synthsweep.config.roots import PowerConfig, PowerSettings
from synthsweep.corpus.corpus import load_corpus, require_files
from synthsweep.errors import StudyError

POINTS = 100
# Scores of probabilities, to which every text adds.
BY_PROBABILITIES = ("brier",)


@dataclass(frozen=True)
class PlannedPower:
    """The power of a planned study; `arms` does not count the baseline, `family` is arms times criteria that occur in test."""

    name: str
    arms: int
    family: int
    power: tuple[Power, ...]


def plan_power(
    config: PowerConfig, name: str, cells: Sequence[Mapping[str, object]], seeds: int, pilot: Callable[[str], Comparison]
) -> PlannedPower:
    """The smallest effects that a study of these cells and seeds could detect; `pilot` compares a finished study.

    Raises:
        StudyError: the study has no replicates or varies nothing, or the pilot has other labels.
        DataError: the corpus does not match the configuration.
    """
    if seeds < 2:
        raise StudyError("replicates=1: one seed has no spread, so no effect could be detected; set replicates=6 or the like")
    if len(cells) < 2:
        raise StudyError(f"study={name} varies nothing: an effect needs two configurations, as with mix.ratio=0,0.5")
    _require_metric(config)
    require_files(config.data)
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    test = corpus.split.test
    positives = {label: sum(label in example.labels for example in test) for label in corpus.labels.ids}
    arms = len(cells) - max(sum(_is_control(cell) for cell in cells), 1)
    settings = config.power
    spreads = _spreads(settings, positives, len(test), pilot)
    defined = sum(count > 0 for count in positives.values())
    family = max(arms * defined, 1)
    wanted = settings.wanted / POINTS
    table = power_table(spreads, positives, seeds, comparisons=family, arms=max(arms, 1), power=settings.power, wanted=wanted)
    return PlannedPower(name, arms, family, table)


def _require_metric(config: PowerConfig) -> None:
    metric = config.power.metric
    if metric == ACCURACY and config.labels.kind != "single":
        raise StudyError(
            "power.metric=accuracy is for labels.kind=single; here a text may carry several labels, and most are absent, so "
            "predicting none would score high: take f1, precision or recall"
        )
    if metric in BY_PROBABILITIES and not config.power.pilot:
        raise StudyError(
            f"power.metric={metric} needs power.pilot=STUDY: how far the probabilities of two classifiers differ is not known "
            "before a run"
        )


def _spreads(
    settings: PowerSettings, positives: Mapping[str, int], texts: int, pilot: Callable[[str], Comparison]
) -> dict[str, Spread]:
    """The spreads of the pilot study, if one is named; else assumed ones. `positives` is per label, of so many test `texts`."""
    metric = settings.metric
    if not settings.pilot:
        return assumed_spreads(
            positives, seed_sd=settings.seed_sd / POINTS, score=settings.score, agreement=settings.agreement, metric=metric
        )
    finished = pilot(settings.pilot)
    if finished.labels != tuple(positives):
        theirs, ours = ", ".join(finished.labels), ", ".join(positives)
        raise StudyError(f"power.pilot={settings.pilot} has the labels {theirs}, this study {ours}: take another pilot")
    effects = with_accuracy(finished.effects) if metric == ACCURACY != finished.primary else finished.effects
    if metric in BY_PROBABILITIES:
        # Every text counts, whether it is a positive or not.
        before, now = dict.fromkeys(positives, finished.test_texts), dict.fromkeys(positives, texts)
        return pilot_spreads(effects, metric, before, now)
    return pilot_spreads(effects, metric, finished.positives, positives)


def _is_control(cell: Mapping[str, object]) -> bool:
    """Whether a cell has no synthetic texts."""
    return cell.get("mix") == "real_only" or str(cell.get("mix.ratio")) in {"0", "0.0"}
