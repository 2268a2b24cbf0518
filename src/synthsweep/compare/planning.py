"""What a study could find, before it runs: its arms, the positives of its test texts, and spreads assumed or of a pilot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.compare.result import Comparison, Power
from synthsweep.compare.stats.power import assumed, from_pilot, power_table
from synthsweep.config.roots import PowerConfig
from synthsweep.corpus.parts import load_corpus, require_files
from synthsweep.errors import StudyError

POINTS = 100


@dataclass(frozen=True)
class Planned:
    """`arms` are held against a baseline, `family` is how many comparisons that makes over the criteria."""

    name: str
    arms: int
    family: int
    power: tuple[Power, ...]


def plan_power(
    config: PowerConfig, name: str, cells: Sequence[Mapping[str, object]], seeds: int, pilot: Callable[[str], Comparison]
) -> Planned:
    """The smallest effects that a study of these cells and seeds could find; `pilot` answers a finished study.

    Raises:
        StudyError: it has no replicates, or the pilot is of other labels.
        DataError: the corpus does not hold what the configuration says.
    """
    if seeds < 2:
        raise StudyError("replicates=1: one seed has no spread, so no effect could be told; set replicates=6 or the like")
    if len(cells) < 2:
        raise StudyError(f"study={name} varies nothing: an effect needs two configurations, as with mix.ratio=0,0.5")
    require_files(config.data)
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    test = corpus.split.test
    positives = {label: sum(label in example.labels for example in test) for label in corpus.labels.ids}
    arms = len(cells) - max(sum(_is_control(cell) for cell in cells), 1)
    settings = config.power
    if settings.pilot:
        answer = pilot(settings.pilot)
        if answer.labels != corpus.labels.ids:
            theirs, ours = ", ".join(answer.labels), ", ".join(corpus.labels.ids)
            raise StudyError(f"power.pilot={settings.pilot} has the labels {theirs}, this study {ours}: take another pilot")
        spreads = from_pilot(answer.effects, settings.metric, answer.positives, positives)
    else:
        seed_sd = settings.seed_sd / POINTS
        spreads = assumed(positives, seed_sd=seed_sd, score=settings.score, agreement=settings.agreement)
    defined = sum(count > 0 for count in positives.values())
    family = max(arms * defined, 1)
    wanted = settings.wanted / POINTS
    table = power_table(spreads, positives, seeds, comparisons=family, power=settings.power, wanted=wanted)
    return Planned(name, arms, family, table)


def _is_control(cell: Mapping[str, object]) -> bool:
    """Whether a cell has no synthetic texts: ratio 0, or real texts alone."""
    return cell.get("mix") == "real_only" or str(cell.get("mix.ratio")) in {"0", "0.0"}
