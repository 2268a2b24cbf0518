"""Draws the texts to judge: a seeded sample with equal numbers per LLM x prompt x criterion, and controls among them; pure.

A larger sample contains the smaller one, as long as the pools stay the same.
"""

import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from synthsweep.audit.items import PLANTED, REAL, SAMPLE, Audit, Item, Stratum, stratum_of
from synthsweep.audit.stats.shares import effective_texts, half_width, smallest_fitting
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.errors import AuditError, PoolError
from synthsweep.examples import Example, LabelSet, digest_of, text_key
from synthsweep.stratify import stratified_order

T = TypeVar("T")

DEFAULT_N = 140


def draw_audit(
    pool: Sequence[Example],
    real: Sequence[Example],
    labels: LabelSet,
    settings: AuditSettings,
    *,
    seed: int,
    pools: Sequence[Sequence[str]] = (),
    public: bool = False,
    data: str = "",
) -> Audit:
    """Draws a sample of `pool`, with controls from the rest of it and from `real`, all shuffled together.

    Raises:
        PoolError: the pools hold no text for any of the criteria.
        AuditError: there are fewer texts for controls than audit.planted or audit.real asks for.
    """
    # Audits have different ids, so that sheets of different audits cannot be confused.
    place = f"{settings.name}/{seed}"
    strata = strata_of(pool, labels)
    sizes = {stratum: len(texts) for stratum, texts in strata.items()}
    counts = allocate(sizes, sample_size(settings, sizes, seed=seed), seed=seed)
    orders = {stratum: _shuffled(texts, f"{seed}/{'/'.join(stratum)}") for stratum, texts in strata.items()}
    drawn = [_make_item(text, SAMPLE, stratum, place) for stratum, texts in orders.items() for text in texts[: counts[stratum]]]
    rest = [text for stratum, texts in orders.items() for text in texts[counts[stratum] :]]
    planted = _planted_controls(rest, labels, settings.planted, place)
    controls = [*planted, *_real_controls(real, labels, settings.real, [*drawn, *planted], place)]
    items = _shuffled([*drawn, *controls], f"{seed}/shown")
    _require_different_ids(items)
    return Audit(settings.name, labels, tuple(items), sizes, seed, tuple(tuple(words) for words in pools), public, data)


def strata_of(pool: Sequence[Example], labels: LabelSet) -> dict[Stratum, list[Example]]:
    """The texts of a pool by LLM, prompt and requested criterion; of equal texts, only the first.

    Raises:
        PoolError: no text was requested for any of the criteria.
    """
    strata: dict[Stratum, list[Example]] = {}
    known: set[str] = set()
    for example in pool:
        stratum, key = stratum_of(example), text_key(example.text)
        if stratum.criterion in labels.ids and key not in known:
            known.add(key)
            strata.setdefault(stratum, []).append(example)
    if not strata:
        raise PoolError("there is no synthetic text to judge: synthsweep generate llm=NAME makes some")
    return strata


def sample_size(settings: AuditSettings, sizes: Mapping[Stratum, int], *, seed: int) -> int:
    """`audit.n`, or the fewest texts that give each group of `audit.of` an interval of `audit.half_width`.

    If all texts are too few, their number.
    """
    if settings.half_width is None:
        return settings.n or DEFAULT_N
    half = settings.half_width

    def fits(n: int) -> bool:
        counts = allocate(sizes, n, seed=seed)
        return max(expected_widths(counts, sizes, settings.expected, settings.of).values()) <= half

    return smallest_fitting(fits, sum(sizes.values()))


def expected_widths(
    counts: Mapping[Stratum, int], sizes: Mapping[Stratum, int], expected: float, of: str
) -> dict[Hashable, float]:
    """The half width of each group's interval if the share is `expected`; 1 if one of its strata has no text."""
    groups: dict[Hashable, dict[Stratum, int]] = defaultdict(dict)
    for stratum, count in counts.items():
        groups[stratum if of == "cell" else getattr(stratum, of, of)][stratum] = count
    return {
        group: half_width(expected, effective_texts(own, sizes)) if all(own.values()) else 1.0 for group, own in groups.items()
    }


def allocate(sizes: Mapping[Stratum, int], n: int, *, seed: int) -> dict[Stratum, int]:
    """The same number from each stratum; a stratum that is too small gives all its texts, and the others give more."""
    counts = dict.fromkeys(sizes, 0)
    remaining = min(n, sum(sizes.values()))
    while remaining:
        unused = [stratum for stratum in counts if counts[stratum] < sizes[stratum]]
        share = remaining // len(unused)
        if not share:
            # A prefix of one order, so that a larger sample contains the smaller one; random.sample would not ensure that.
            unused, share = _shuffled(unused, f"{seed}/rest")[:remaining], 1
        for stratum in unused:
            taken = min(share, sizes[stratum] - counts[stratum])
            counts[stratum] += taken
            remaining -= taken
    return counts


def _shuffled(values: Sequence[T], place: str) -> list[T]:
    shuffled = list(values)
    random.Random(place).shuffle(shuffled)
    return shuffled


def _planted_controls(rest: Sequence[Example], labels: LabelSet, count: int, place: str) -> list[Item]:
    """Texts outside the sample, each with a criterion that is not among its labels."""
    rng = random.Random(f"{place}/planted")
    candidates = [text for text in rest if text.labels and set(labels.ids) - text.labels]
    if len(candidates) < count:
        raise AuditError(f"audit.planted={count}: the pools have {len(candidates)} further texts that lack a label")
    order = stratified_order([text.provenance.criterion for text in candidates], rng)
    items = []
    for text in (candidates[index] for index in order[:count]):
        wrong = rng.choice([label for label in labels.ids if label not in text.labels])
        items.append(_make_item(text, PLANTED, stratum_of(text)._replace(criterion=wrong), place))
    return items


def _real_controls(real: Sequence[Example], labels: LabelSet, count: int, drawn: Sequence[Item], place: str) -> list[Item]:
    """Real texts, each with one of its own labels, in turn over the labels."""
    known = {text_key(item.text) for item in drawn}
    by_label: dict[str, list[Example]] = defaultdict(list)
    for example in _shuffled(real, f"{place}/real"):
        key = text_key(example.text)
        if key not in known:
            known.add(key)
            for label in example.labels & set(labels.ids):
                by_label[label].append(example)
    candidates = {example.id for texts in by_label.values() for example in texts}
    if len(candidates) < count:
        raise AuditError(f"audit.real={count}: the training part has {len(candidates)} texts with a label")
    items: list[Item] = []
    used: set[str] = set()
    while len(items) < count:
        for label in labels.ids:
            text = next((text for text in by_label[label] if text.id not in used), None)
            if text is not None and len(items) < count:
                used.add(text.id)
                items.append(_make_item(text, REAL, Stratum("", "", label), place))
    return items


def _make_item(text: Example, kind: str, stratum: Stratum, place: str) -> Item:
    # A digest hides the text's source. It begins with a letter, because spreadsheets turn 00123456 and 12345e12 into numbers.
    ident = "t" + digest_of([place, kind, text.id, text.text, stratum.criterion])[:8]
    return Item(ident, text.text, stratum.criterion, kind, text.id, text.labels, stratum.llm, stratum.prompt)


def _require_different_ids(items: Sequence[Item]) -> None:
    if len({item.id for item in items}) < len(items):
        raise AuditError("two items got one id: another seed draws others")
