"""The power of a planned study: from its arms, its test texts, and spreads that are assumed or taken from a pilot study."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.supplements import Power
from synthsweep.compare.stats.power import Spread, assumed_spreads, pilot_spreads, power_table
from synthsweep.config.roots import PowerConfig, PowerSettings
from synthsweep.corpus.corpus import load_corpus, require_files
from synthsweep.errors import StudyError

POINTS = 100


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
    require_files(config.data)
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    test = corpus.split.test
    positives = {label: sum(label in example.labels for example in test) for label in corpus.labels.ids}
    arms = len(cells) - max(sum(_is_control(cell) for cell in cells), 1)
    settings = config.power
    spreads = _spreads(settings, positives, pilot)
    defined = sum(count > 0 for count in positives.values())
    family = max(arms * defined, 1)
    wanted = settings.wanted / POINTS
    table = power_table(spreads, positives, seeds, comparisons=family, arms=max(arms, 1), power=settings.power, wanted=wanted)
    return PlannedPower(name, arms, family, table)


def _spreads(settings: PowerSettings, positives: Mapping[str, int], pilot: Callable[[str], Comparison]) -> dict[str, Spread]:
    """The spreads of the pilot study, if one is named; else assumed ones. `positives` is per label."""
    if not settings.pilot:
        seed_sd = settings.seed_sd / POINTS
        return assumed_spreads(positives, seed_sd=seed_sd, score=settings.score, agreement=settings.agreement)
    finished = pilot(settings.pilot)
    if finished.labels != tuple(positives):
        theirs, ours = ", ".join(finished.labels), ", ".join(positives)
        raise StudyError(f"power.pilot={settings.pilot} has the labels {theirs}, this study {ours}: take another pilot")
    return pilot_spreads(finished.effects, settings.metric, finished.positives, positives)


def _is_control(cell: Mapping[str, object]) -> bool:
    """Whether a cell has no synthetic texts."""
    return cell.get("mix") == "real_only" or str(cell.get("mix.ratio")) in {"0", "0.0"}
