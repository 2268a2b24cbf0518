"""The tables of the page; pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from synthsweep.inspect.inspection import InspectedTexts, Inspection, Word
from synthsweep.inspect.report.meanings import LABELS, POOL, TEXTS, meaning_of
from synthsweep.pages.numbers import DASH, counted, number, percent_of
from synthsweep.pages.tables.table import Table

WORDS = 20
PAIRS = 15


def of_texts(inspection: Inspection) -> Table:
    """One row per characteristic: median and quartiles on both sides, and how often the synthetic value is higher."""
    names = [*filter(inspection.synthetic.texts.__contains__, TEXTS), *sorted(set(inspection.synthetic.texts) - set(TEXTS))]
    rows = [_text_row(name, inspection.synthetic, inspection.real) for name in names]
    undefined = [count for name in names for count in _undefined_counts(name, inspection)]
    notes = (
        "In brackets the middle half of the texts. “Higher in synthetic”: the chance that of two texts the "
        "synthetic one has the higher value, ties counted half; 50 % where both sides are alike.",
        "Real texts are measured as synthetic ones are, never against themselves: perplexity and class centroid against the "
        "other nine tenths of them, the nearest real text among all others.",
        *([f"Undefined and left out: {', '.join(undefined)}."] if undefined else []),
    )
    return Table(
        "texts",
        "Median and middle half of the texts",
        ("characteristic", "synthetic", "real", "higher in synthetic", "range", "what it is"),
        "lrrrll",
        tuple(rows),
        notes,
    )


def _text_row(name: str, synthetic: InspectedTexts, real: InspectedTexts) -> tuple[str, ...]:
    meaning = meaning_of(name)
    ours, theirs = (side.texts.get(name, np.empty(0)) for side in (synthetic, real))
    above = percent_of(superiority(ours, theirs)) if _any_defined(ours) and _any_defined(theirs) else DASH
    return (
        meaning.title, _middle(ours, meaning.decimals), _middle(theirs, meaning.decimals), above, meaning.range, meaning.says,
    )  # fmt: skip


def superiority(synthetic: np.ndarray, real: np.ndarray) -> float:
    """The chance in [0, 1] that a synthetic value is above a real one, ties counted half: Mann-Whitney U over its maximum."""
    ours, theirs = (values[~np.isnan(values)] for values in (synthetic, real))
    ranks = rankdata(np.concatenate([ours, theirs]))[: len(ours)]
    return float((ranks.sum() - len(ours) * (len(ours) + 1) / 2) / (len(ours) * len(theirs)))


def _any_defined(values: np.ndarray) -> bool:
    return bool((~np.isnan(values)).any())


def _middle(values: np.ndarray, decimals: int) -> str:
    if not _any_defined(values):
        return DASH
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    return f"{number(middle, decimals)} [{number(low, decimals)}, {number(high, decimals)}]"


def _undefined_counts(name: str, inspection: Inspection) -> list[str]:
    counts = {
        side: int(np.isnan(of.texts.get(name, np.empty(0))).sum())
        for side, of in (("synthetic", inspection.synthetic), ("real", inspection.real))
    }
    return [f"{meaning_of(name).title.lower()} of {count} {side}" for side, count in counts.items() if count]


def of_pool(inspection: Inspection) -> Table:
    """One row per characteristic of a whole set: for equally many real and synthetic texts, then for the whole pool."""
    measured = [name for name in inspection.synthetic.pool if name not in TEXTS and not name.startswith(LABELS)]
    names = [*filter(measured.__contains__, POOL), *(name for name in measured if name not in POOL)]
    rows = [_pool_row(name, inspection) for name in names]
    whole = counted(inspection.synthetic.count, "text")
    notes = (
        f"Most of these depend on the number of texts, so both sides are measured on {inspection.even:,} of them, drawn to "
        f"hold each criterion at its share; the last column is of all {whole} of the pool, after curation.",
    )
    heads = (
        "characteristic",
        f"synthetic, {inspection.even:,}",
        f"real, {inspection.even:,}",
        f"pool, {inspection.synthetic.count:,}",
        "range",
        "what it is",
    )
    return Table("pool", "Of all texts as one", heads, "lrrrll", tuple(rows), notes)


def _pool_row(name: str, inspection: Inspection) -> tuple[str, ...]:
    meaning = meaning_of(name)
    values = (inspection.synthetic.even.get(name), inspection.real.even.get(name), inspection.synthetic.pool[name])
    return (meaning.title, *(number(value, meaning.decimals) for value in values), meaning.range, meaning.says)


def of_labels(inspection: Inspection) -> Table:
    """One row per criterion: how many real and synthetic texts have it."""
    rows = [
        (
            _named(inspection, criterion),
            *_carried(inspection.synthetic.labels[:, place]),
            *_carried(inspection.real.labels[:, place]),
        )
        for place, criterion in enumerate(inspection.criteria)
    ]
    synthetic, real = (side.labels.sum(axis=1) for side in (inspection.synthetic, inspection.real))
    none = ("no criterion", *_carried(synthetic == 0), *_carried(real == 0))
    several = ("two or more", *_carried(synthetic > 1), *_carried(real > 1))
    heads = ("criterion", "synthetic texts", "share", "real texts", "share")
    return Table("labels", "Texts per criterion", heads, "lrrrr", (*rows, none, several))


def _named(inspection: Inspection, criterion: str) -> str:
    name = inspection.names.get(criterion)
    return f"{criterion} {name}" if name and name != criterion else criterion


def _carried(column: np.ndarray) -> tuple[str, str]:
    count = int(column.sum())
    return f"{count:,}", percent_of(count, len(column))


def of_pairs(inspection: Inspection) -> Table:
    """Pairs of criteria in one text; the pairs in which the two sides differ most come first."""
    sides = (inspection.synthetic, inspection.real)
    ours, theirs = (side.labels.T.astype(float) @ side.labels / max(1, side.count) for side in sides)
    pairs = [pair for pair in combinations(range(len(inspection.criteria)), 2) if ours[pair] or theirs[pair]]
    pairs.sort(key=lambda pair: -abs(ours[pair] - theirs[pair]))
    rows = tuple(
        (
            f"{inspection.criteria[one]} and {inspection.criteria[other]}",
            percent_of(ours[one, other]),
            percent_of(theirs[one, other]),
        )
        for one, other in pairs[:PAIRS]
    )
    left = len(pairs) - len(rows)
    notes = (f"{left} more pairs differ less.",) if left > 0 else ()
    return Table(
        "pairs", "Criteria in one text: share of texts with both", ("criteria", "synthetic", "real"), "lrr", rows, notes
    )


def of_steps(inspection: Inspection) -> Table:
    """How many pieces were rejected, texts planted, and texts dropped by each step of curation, in this order."""
    curation = inspection.curation
    rows: Iterable[tuple[str, str, str]] = (
        *(("pieces of replies rejected: " + reason, f"{count:,}", DASH) for reason, count in curation.rejected.items()),
        *(
            ("planted: " + fault.replace("_", " "), f"{count:,}", percent_of(count, curation.written))
            for fault, count in curation.planted.items()
        ),
        *((_step(step), f"{count:,}", percent_of(count, curation.written)) for step, count in curation.counts.items()),
        *(("relabelled", f"{count:,}", percent_of(count, curation.written)) for count in [curation.relabelled] if count),
        *(("without a verdict", f"{count:,}", percent_of(count, curation.written)) for count in [curation.unjudged] if count),
        ("left", f"{inspection.synthetic.count:,}", percent_of(inspection.synthetic.count, curation.written)),
    )
    return Table(
        "steps",
        f"What became of the {counted(curation.written, 'text')} of the pool",
        ("step", "texts", "share"),
        "lrr",
        tuple(rows),
    )


def _step(step: str) -> str:
    return step.replace("_", " ").replace("/", ": ")


def of_words(words: Sequence[Word], sizes: Mapping[str, int]) -> tuple[Table, Table]:
    """The words that synthetic texts use more often than real ones, and those that they use less often."""
    notes = (
        "z: the log-odds ratio over its standard error, shrunk towards what both sides together do (Monroe, Colaresi and Quinn "
        "2008). The words of one text depend on one another, so z says where to look and is not a test.",
    )
    more = [word for word in words if word.z > 0][:WORDS]
    less = [word for word in reversed(words) if word.z < 0][:WORDS]
    heads = ("word", "z", "synthetic uses", "real uses")
    return (
        Table(
            "more",
            f"Used more than in real texts ({sizes['synthetic']:,} words against {sizes['real']:,})",
            heads,
            "lrrr",
            _word_rows(more),
            notes,
        ),
        Table("less", "Used less than in real texts", heads, "lrrr", _word_rows(less)),
    )


def _word_rows(words: Sequence[Word]) -> tuple[tuple[str, ...], ...]:
    return tuple((word.word, number(word.z, 1), f"{word.synthetic:,}", f"{word.real:,}") for word in words)
