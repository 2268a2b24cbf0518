"""What a reader must know before believing an effect: each caution in one sentence; pure."""

from collections.abc import Iterator, Mapping, Sequence

from scipy.stats import norm, t

from synthsweep.compare.grid import Cell, Contrast, Grid
from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.result.effects import MACRO, MICRO, TITLES, Effect
from synthsweep.compare.result.supplements import Power, TfidfBaseline
from synthsweep.compare.setup import RANDOM_WEIGHTS
from synthsweep.compare.stats.families import EffectFamilies
from synthsweep.compare.stats.inference.intervals import widest_of_resplits
from synthsweep.compare.stats.inference.seed_variance import seed_clusters
from synthsweep.config.metrics import FEW_POSITIVES, USD_PER_1000
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted, percent_of, points, score
from synthsweep.train.lengths import from_metrics

# With fewer seeds, the sign-flip test cannot reach p = 0.05.
ENOUGH_SEEDS = 6
# The share below which steps count as equal.
UNEQUAL_STEPS = 0.05
SHOWN = 4
THRESHOLD = "evaluation.threshold"
# Metrics of probabilities, in which no threshold acts.
BY_RANKING = ("average_precision", "brier")
MOSTLY_TEXTS = 0.9


def cautions(
    grid: Grid, partners: Mapping[str, str], tfidf: TfidfBaseline | None, power: Sequence[Power], encoders: Sequence[str]
) -> tuple[str, ...]:
    """The most serious first; `partners` maps each arm to its baseline, both names of cells."""
    found = (
        _random_weights(encoders), _below_tfidf(tfidf, trained=_takes_steps(grid, partners)), _still_rising(grid.cells),
        _leaks(grid.cells), _truncation(grid.cells), _fewer_seeds(grid, partners), _resplits(grid), _repeated(grid),
        _seeds(grid), _texts(power),
    )  # fmt: skip
    return tuple(line for line in (*found, *_positives(grid)) if line)


def spread_cautions(families: EffectFamilies | None, metric: str) -> tuple[str, ...]:
    """Criteria whose `metric` varies from seed to seed far more than that of the others in the same arm."""
    found = families.outlying_spreads(metric) if families else ()
    if not found:
        return ()
    where = listing([f"{criterion} ({arm})" for arm, criterion in found], SHOWN)
    return (
        f"from seed to seed, {TITLES[metric]} varies far more in {where} than in the other criteria: plain_low_points and "
        "plain_high_points in effects.csv are its interval without them",
    )


def threshold_cautions(cells: Sequence[Cell], partners: Mapping[str, str], metric: str, policy: object) -> tuple[str, ...]:
    """What a study that varies the threshold cannot show: in `metric`, and with `compare.threshold` = `policy`."""
    levels = {cell.name: cell.assignment.get(THRESHOLD) for cell in cells}
    varied = [arm for arm, base in partners.items() if levels.get(arm) != levels.get(base)]
    if not varied:
        return ()
    if policy is not None:
        taken = f"compare.threshold={policy} takes the place of {THRESHOLD}, which the study varies"
        return (f"{taken}: leave it out to compare those ({listing(varied, SHOWN)})",)
    if metric not in BY_RANKING:
        return ()
    others = "compare.metric=f1, precision or recall"
    return (f"{metric.replace('_', ' ')} does not depend on {THRESHOLD}, which the study varies: see {others}",)


def _random_weights(encoders: Sequence[str]) -> str:
    if not any(RANDOM_WEIGHTS in encoder for encoder in encoders):
        return ""
    return "the encoder began with random weights, as experiment=ci has it: its scores say nothing about texts"


def _takes_steps(grid: Grid, partners: Mapping[str, str]) -> bool:
    """Whether training.epochs act on some baseline, as far as is known: a regression has features, and no epochs."""
    bases = [cell.facts for cell in grid.cells if cell.name in partners.values()]
    return not bases or any("train/steps" not in facts or steps_of(facts) > 0 for facts in bases)


def _below_tfidf(scores: TfidfBaseline | None, *, trained: bool) -> str:
    if scores is None or scores.tfidf_ap is None or scores.baseline_ap is None or scores.is_beaten:
        return ""
    against = f"(macro average precision {score(scores.baseline_ap)} against {score(scores.tfidf_ap)}{_gap(scores.gap)})"
    if not scores.is_above or not trained:
        how = "below" if scores.is_above else "not clearly better than"
        return f"the baseline is {how} TF-IDF with logistic regression {against}{': it may be undertrained' * trained}"
    return (
        f"the baseline scores below TF-IDF with logistic regression {against}: it is undertrained, so any added text may help "
        "for the wrong reason; more training.epochs train it longer"
    )


def _gap(gap: Effect | None) -> str:
    if gap is None or gap.difference is None or gap.interval is None:
        return ""
    ends = f"{points(gap.interval.low)} to {points(gap.interval.high)}"
    return f"; {points(gap.difference)} points, 95 % interval {ends}, on the same {counted(gap.pairs, 'seed')}"


def _still_rising(cells: Sequence[Cell]) -> str:
    """Where every run of an arm ended on its best epoch, it was stopped while it still learnt."""
    rising = [cell.name for cell in cells if 0 < steps_of(cell.facts) <= cell.facts.get("train/best_step", 0.0)]
    if not rising:
        return ""
    arms = "every arm" if len(rising) == len(cells) else listing(rising, SHOWN)
    return f"in all runs of {arms} the last epoch was the best on dev: more training.epochs may change scores and effects"


def steps_of(facts: Mapping[str, float]) -> float:
    """The optimiser steps of a run that keys of training act on; 0 if they are not known, or are before a regression."""
    return 0.0 if "train/features" in facts else facts.get("train/steps", 0.0)


def differ(one: float, other: float) -> bool:
    """Whether two numbers of steps differ by more than 5 %."""
    return abs(one - other) > UNEQUAL_STEPS * max(one, other)


def _leaks(cells: Sequence[Cell]) -> str:
    most = max((cell.facts.get("synthetic/leaks", 0.0) for cell in cells), default=0.0)
    if not most:
        return ""
    copies = counted(max(round(most), 1), "synthetic text")
    return f"up to {copies} of a run repeated a dev or test text (a leak) and did not enter training"


def _truncation(cells: Sequence[Cell]) -> str:
    """What is cut off where most is."""
    cut = [(cell, _share_lost(cell), _cut_texts(cell)) for cell in cells if _cut_texts(cell)]
    if not cut:
        return ""
    worst, share, sentence = max(cut, key=lambda one: one[1])
    alike = len(cut) == len(cells) and all(other == share for _, other, _ in cut)
    return sentence if alike else f"{sentence} (most in {worst.name})"


def _cut_texts(cell: Cell) -> str:
    lengths = from_metrics(cell.facts)
    if lengths is not None:
        return lengths.sentence()
    # Runs of an earlier version kept no more than that.
    share = _share_lost(cell)
    return f"texts are cut: {percent_of(share)} in train have more tokens than training.max_length" if share else ""


def _share_lost(cell: Cell) -> float:
    """Of the tokens where that is known, else of the training texts."""
    lengths, texts = from_metrics(cell.facts), cell.facts.get("train/real", 0.0) + added_texts(cell.facts)
    if lengths is not None:
        return lengths.lost_share
    return cell.facts.get("train/truncated", 0.0) / texts if texts else 0.0


def _fewer_seeds(grid: Grid, partners: Mapping[str, str]) -> str:
    """Arms that share fewer blocks with their baseline than there are."""
    known, every = {cell.name for cell in grid.cells}, len(grid.blocks)
    pairs = {arm: {arm: 1.0, base: -1.0} for arm, base in partners.items() if {arm, base} <= known and arm != base}
    counts = {arm: len(grid.shared_by(Contrast(arm, "effect", weights))) for arm, weights in pairs.items()}
    fewer = [f"{arm} ({count})" for arm, count in counts.items() if count < every]
    if not fewer:
        return ""
    shared = f"of {counted(every, 'seed')}, these arms share fewer with their baseline"
    return f"{shared} and are compared on those: {listing(fewer, SHOWN)}"


def _resplits(grid: Grid) -> str:
    """Simulated: `tests/benchmarks/compare_resplits.py`."""
    if grid.texts != "overlapping" or (wider := widest_of_resplits(len(grid.blocks), grid.test_share)) <= 1:
        return ""
    return (
        "the seeds re-split one corpus, so they share training texts: where those make most of what seeds differ by, 95 % "
        f"intervals are too narrow (they held the truth in 80 to 94 % of simulated studies; {wider:.1f} times as wide, in 98 % "
        "or more); the same data.split_seed for all runs keeps one test set"
    )


def _repeated(grid: Grid) -> str:
    """Arms in which no seed draws anything: as an LLM whose answers are kept, or a regression on all training texts."""
    same = [cell for cell in grid.cells if grid.repeats(cell)]
    if not same:
        return ""
    again = "; asked anew, an LLM may answer differently" if any(USD_PER_1000 in cell.facts for cell in same) else ""
    named = listing([cell.name for cell in same], SHOWN)
    return f"no seed changes the predictions of {named}: further seeds say nothing more, and intervals hold for these{again}"


def _seeds(grid: Grid) -> str:
    if clusters := seed_clusters(grid.blocks):
        levels = " and ".join(str(len(set(one.tolist()))) for one in clusters)
        joint = "; they cross, so there is no joint sign-flip test" if len(clusters) > 1 else ""
        return f"{len(grid.blocks)} blocks share seeds ({levels} levels), so intervals count the levels, not the blocks{joint}"
    if len(grid.blocks) >= ENOUGH_SEEDS:
        return ""
    return f"with {len(grid.blocks)} seeds the joint sign-flip test cannot reach p < 0.05, and intervals are wide"


def mostly_from_texts(power: Sequence[Power]) -> bool:
    """Whether nearly all of the width of the macro interval comes from the test texts."""
    return _share_of_texts(power) >= MOSTLY_TEXTS


def _share_of_texts(power: Sequence[Power]) -> float:
    macro = next((one for one in power if one.criterion in (MACRO, MICRO) and one.seeds), None)
    if macro is None:
        return 0.0
    if macro.seeds < 2:
        return 0.0
    # Parts of the squared half width: few seeds have a wide t.
    of_texts = (norm.ppf(0.975) * macro.text_sd) ** 2
    of_seeds = (t.ppf(0.975, macro.seeds - 1) * macro.seed_sd) ** 2 / macro.seeds
    return float(of_texts / (of_texts + of_seeds)) if of_texts else 0.0


def _texts(power: Sequence[Power]) -> str:
    """Where nearly all of the uncertainty comes from the test texts."""
    if not mostly_from_texts(power):
        return ""
    return (
        f"{percent_of(_share_of_texts(power))} of the width of the macro interval comes from the test texts: more seeds "
        "hardly narrow it, more test texts do"
    )


def _positives(grid: Grid) -> Iterator[str]:
    few = [f"{label} ({count})" for label, count in grid.positives.items() if 0 < count < FEW_POSITIVES]
    if grid.undecided and grid.kind == "single":
        # A text has its class, or nobody decided on any.
        yield f"left out of every score: {counted(max(grid.undecided.values()), 'test text')} without a class"
    elif grid.undecided:
        counts = [f"{label} ({count})" for label, count in grid.undecided.items()]
        yield f"labels of test texts on which nobody decided count nowhere: {listing(counts, SHOWN)}"
    if few:
        yield (
            f"test has few positives of {listing(few, SHOWN)}: a single text moves their recall by more than "
            f"{100 // FEW_POSITIVES} points"
        )
