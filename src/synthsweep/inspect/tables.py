"""The tables of the page; pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from synthsweep.inspect.inspection import InspectedTexts, Inspection, Word
from synthsweep.inspect.meanings import LABELS, POOL, TEXTS, meaning_of
from synthsweep.pages.numbers import DASH, counted, number, share
from synthsweep.pages.table import Table

WORDS = 20
PAIRS = 15


def of_texts(found: Inspection) -> Table:
    """A characteristic a row: median and middle half on both sides, and how far they lie apart."""
    names = [*filter(found.synthetic.texts.__contains__, TEXTS), *sorted(set(found.synthetic.texts) - set(TEXTS))]
    rows = [_text_row(name, found.synthetic, found.real) for name in names]
    undefined = [message for name in names for message in _undefined(name, found)]
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
    above = share(superiority(ours, theirs), 1) if _some(ours) and _some(theirs) else DASH
    return (
        meaning.title, _middle(ours, meaning.decimals), _middle(theirs, meaning.decimals), above, meaning.range, meaning.says,
    )  # fmt: skip


def superiority(synthetic: np.ndarray, real: np.ndarray) -> float:
    """The chance in [0, 1] that a synthetic value is above a real one, ties counted half: Mann-Whitney U by its maximum."""
    ours, theirs = (values[~np.isnan(values)] for values in (synthetic, real))
    ranks = rankdata(np.concatenate([ours, theirs]))[: len(ours)]
    return float((ranks.sum() - len(ours) * (len(ours) + 1) / 2) / (len(ours) * len(theirs)))


def _some(values: np.ndarray) -> bool:
    return bool((~np.isnan(values)).any())


def _middle(values: np.ndarray, decimals: int) -> str:
    if not _some(values):
        return DASH
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    return f"{number(middle, decimals)} [{number(low, decimals)}, {number(high, decimals)}]"


def _undefined(name: str, found: Inspection) -> list[str]:
    counts = {
        side: int(np.isnan(of.texts.get(name, np.empty(0))).sum())
        for side, of in (("synthetic", found.synthetic), ("real", found.real))
    }
    return [f"{meaning_of(name).title.lower()} of {count} {side}" for side, count in counts.items() if count]


def of_pool(found: Inspection) -> Table:
    """A characteristic of all texts together a row: as many texts of either side, then the whole pool."""
    there = [name for name in found.synthetic.pool if name not in TEXTS and not name.startswith(LABELS)]
    names = [*filter(there.__contains__, POOL), *(name for name in there if name not in POOL)]
    rows = [_pool_row(name, found) for name in names]
    whole = counted(found.synthetic.count, "text")
    notes = (
        f"Most of these follow the number of texts, so both sides are measured on {found.even:,} of them, drawn to hold each "
        f"criterion at its share; the last column is of all {whole} of the pool, after curation.",
    )
    heads = (
        "characteristic",
        f"synthetic, {found.even:,}",
        f"real, {found.even:,}",
        f"pool, {found.synthetic.count:,}",
        "range",
        "what it is",
    )
    return Table("pool", "Of all texts as one", heads, "lrrrll", tuple(rows), notes)


def _pool_row(name: str, found: Inspection) -> tuple[str, ...]:
    meaning = meaning_of(name)
    values = (found.synthetic.even.get(name), found.real.even.get(name), found.synthetic.pool[name])
    return (meaning.title, *(number(value, meaning.decimals) for value in values), meaning.range, meaning.says)


def of_labels(found: Inspection) -> Table:
    """A criterion a row: how many texts of either side carry it."""
    rows = [
        (_named(found, criterion), *_carried(found.synthetic.labels[:, place]), *_carried(found.real.labels[:, place]))
        for place, criterion in enumerate(found.criteria)
    ]
    none = ("no criterion", *_carried(found.synthetic.labels.sum(axis=1) == 0), *_carried(found.real.labels.sum(axis=1) == 0))
    several = ("two or more", *_carried(found.synthetic.labels.sum(axis=1) > 1), *_carried(found.real.labels.sum(axis=1) > 1))
    heads = ("criterion", "synthetic texts", "share", "real texts", "share")
    return Table("labels", "Texts a criterion", heads, "lrrrr", (*rows, none, several))


def _named(found: Inspection, criterion: str) -> str:
    name = found.names.get(criterion)
    return f"{criterion} {name}" if name and name != criterion else criterion


def _carried(column: np.ndarray) -> tuple[str, str]:
    count = int(column.sum())
    return f"{count:,}", share(count, len(column))


def of_pairs(found: Inspection) -> Table:
    """Criteria that occur together, where the two sides differ most first."""
    ours, theirs = (side.labels.T.astype(float) @ side.labels / max(1, side.count) for side in (found.synthetic, found.real))
    pairs = [pair for pair in combinations(range(len(found.criteria)), 2) if ours[pair] or theirs[pair]]
    pairs.sort(key=lambda pair: -abs(ours[pair] - theirs[pair]))
    rows = tuple(
        (f"{found.criteria[one]} and {found.criteria[other]}", share(ours[one, other], 1), share(theirs[one, other], 1))
        for one, other in pairs[:PAIRS]
    )
    left = len(pairs) - len(rows)
    notes = (f"{left} more pairs differ less.",) if left > 0 else ()
    return Table(
        "pairs", "Criteria in one text: share of texts with both", ("criteria", "synthetic", "real"), "lrr", rows, notes
    )


def of_steps(found: Inspection) -> Table:
    """What curation did to how many texts, in its order, and what was planted and rejected before."""
    curation = found.curation
    rows: Iterable[tuple[str, str, str]] = (
        *(("pieces of replies rejected: " + reason, f"{count:,}", DASH) for reason, count in curation.rejected.items()),
        *(
            ("planted: " + fault.replace("_", " "), f"{count:,}", share(count, curation.written))
            for fault, count in curation.planted.items()
        ),
        *((_step(step), f"{count:,}", share(count, curation.written)) for step, count in curation.counts.items()),
        *(("relabelled", f"{count:,}", share(count, curation.written)) for count in [curation.relabelled] if count),
        *(("without a verdict", f"{count:,}", share(count, curation.written)) for count in [curation.unjudged] if count),
        ("left", f"{found.synthetic.count:,}", share(found.synthetic.count, curation.written)),
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
    """The words that synthetic texts use too often, and those that they use too seldom."""
    notes = (
        "z: the log-odds ratio over its standard error, shrunk towards what both sides together do (Monroe, Colaresi and Quinn "
        "2008). Words of one text hang together, so z says where to look and tests nothing.",
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
