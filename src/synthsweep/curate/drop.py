"""What curation takes out of a pool, step by step, and why; pure.

duplicates -> near-duplicates -> copies of training texts -> length -> the leak gate -> label check -> balance
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from synthsweep.config.synthetic import CurationConfig
from synthsweep.curate.characteristics.words import words_of
from synthsweep.curate.embedder import Embedder
from synthsweep.curate.near import copies_of, lexical_copies, lexical_pairs, semantic_copies, semantic_pairs
from synthsweep.examples import Example, text_key
from synthsweep.label_checker import LabelChecker, Verdict
from synthsweep.stratify import stratified_order

DUPLICATES, NEAR, TRAIN, SHORT, LONG, LEAKS = (
    "duplicates", "near_duplicates", "train_copies", "too_short", "too_long", "leaks",
)  # fmt: skip
DOUBTED, UNBALANCED = "doubted", "unbalanced"
KINDS = {"none": (), "minhash": ("minhash",), "embedding": ("embedding",), "both": ("minhash", "embedding")}


@dataclass(frozen=True)
class Dropped:
    """A text that a step took out; `like` is the id of the text that it repeats, empty where there is none."""

    example: Example
    step: str
    like: str = ""


@dataclass(frozen=True)
class Curated:
    """What is left of a pool in its order, and what each step dropped; kept and dropped together are the pool.

    `relabelled` texts carry other labels than they were written with, `unjudged` ones got no verdict; `verdicts` is by id.
    """

    kept: tuple[Example, ...]
    dropped: tuple[Dropped, ...] = ()
    steps: tuple[str, ...] = ()
    relabelled: int = 0
    unjudged: int = 0
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many texts each step that ran has dropped."""
        found = Counter(one.step for one in self.dropped)
        return {step: found[step] for step in self.steps}

    @property
    def leaks(self) -> tuple[Dropped, ...]:
        """Copies of dev and test texts."""
        return tuple(one for one in self.dropped if one.step == LEAKS)

    def without(self, step: str, like: Mapping[int, str]) -> "Curated":
        """One more step: `like` is the index of each kept text that goes to the id of what it repeats."""
        gone = tuple(Dropped(self.kept[index], step, other) for index, other in like.items())
        kept = tuple(example for index, example in enumerate(self.kept) if index not in like)
        return replace(self, kept=kept, dropped=self.dropped + gone, steps=tuple(dict.fromkeys((*self.steps, step))))


def curate(
    pool: Sequence[Example],
    *,
    train: Sequence[Example],
    evaluated: Sequence[Example],
    config: CurationConfig,
    label_ids: Sequence[str],
    embedder: Embedder | None = None,
    checker: LabelChecker | None = None,
    seed: int = 1,
    whole: Mapping[str, str] | None = None,
) -> Curated:
    """The pool without what the configuration drops, and always without copies of `evaluated`, the texts of dev and test.

    `embedder` is read where the configuration compares meanings, `checker` where it doubts labels. `whole` holds texts, by id,
    as they were before they were cut: half of a copy is no less a copy.
    """
    found = Curated(tuple(pool))
    if config.drop_duplicates:
        found = found.without(DUPLICATES, _repeated(found.kept))
    for kind in KINDS[config.near_duplicates]:
        found = _without_near(found, kind, train, config, embedder)
    found = _within_length(found, config)
    found = found.without(LEAKS, _leaks(found.kept, evaluated, config, embedder, whole or {}))
    if checker is not None:
        found = _checked(found, checker, config.label_action, label_ids)
    if config.balance:
        found = found.without(UNBALANCED, dict.fromkeys(_surplus(found.kept, seed), ""))
    return found


def _repeated(examples: Sequence[Example]) -> dict[int, str]:
    """Two texts are the same when they differ in case, punctuation and spacing alone; the first one stays."""
    first: dict[str, str] = {}
    found: dict[int, str] = {}
    for index, example in enumerate(examples):
        key = text_key(example.text)
        if key in first:
            found[index] = first[key]
        else:
            first[key] = example.id
    return found


def _without_near(
    found: Curated, kind: str, train: Sequence[Example], config: CurationConfig, embedder: Embedder | None
) -> Curated:
    """Within the pool the first of each cluster stays; of near copies of training texts none does, if they are to go."""
    by_words = kind == "minhash"
    texts = _texts(found.kept)
    own = lexical_copies(texts, config.jaccard) if by_words else semantic_copies(_vectors(texts, embedder), config.cosine)
    found = found.without(NEAR, {index: found.kept[other].id for index, other in own.items()})
    if not config.against_train:
        return found
    texts, others = _texts(found.kept), _texts(train)
    if by_words:
        pairs = lexical_pairs(texts, others, config.jaccard)
    else:
        pairs = semantic_pairs(_vectors(texts, embedder), _vectors(others, embedder), config.cosine)
    return found.without(TRAIN, {index: train[other].id for index, other in pairs.items()})


def _within_length(found: Curated, config: CurationConfig) -> Curated:
    """Without texts of fewer or more words than the bounds; a bound of 0 is none."""
    if config.min_words:
        short = [index for index, example in enumerate(found.kept) if len(words_of(example.text)) < config.min_words]
        found = found.without(SHORT, dict.fromkeys(short, ""))
    if config.max_words:
        long = [index for index, example in enumerate(found.kept) if len(words_of(example.text)) > config.max_words]
        found = found.without(LONG, dict.fromkeys(long, ""))
    return found


def _leaks(
    examples: Sequence[Example],
    evaluated: Sequence[Example],
    config: CurationConfig,
    embedder: Embedder | None,
    whole: Mapping[str, str],
) -> dict[int, str]:
    """By words always, by meaning where the configuration says from which cosine on."""
    texts, others = _texts(examples), _texts(evaluated)
    cut = [index for index, example in enumerate(examples) if example.id in whole]
    before = copies_of([whole[examples[index].id] for index in cut], others, config.jaccard)
    pairs = {cut[number]: other for number, other in before.items()} | copies_of(texts, others, config.jaccard)
    if config.leak_cosine is not None and texts and others:
        pairs = semantic_pairs(_vectors(texts, embedder), _vectors(others, embedder), config.leak_cosine) | pairs
    return {index: evaluated[other].id for index, other in sorted(pairs.items())}


def _checked(found: Curated, checker: LabelChecker, action: str, label_ids: Sequence[str]) -> Curated:
    """What comes of the verdicts; a text without one stays as it is."""
    verdicts = checker.check(found.kept)
    known = {e.id: verdict for e, verdict in zip(found.kept, verdicts, strict=True) if verdict is not None}
    found = replace(found, verdicts=known, unjudged=len(found.kept) - len(known))
    if action == "drop":
        doubted = [index for index, e in enumerate(found.kept) if e.id in known and not e.labels <= known[e.id].labels]
        return found.without(DOUBTED, dict.fromkeys(doubted, ""))
    if action == "keep":
        return found
    kept = tuple(_relabelled(example, known.get(example.id), action, label_ids) for example in found.kept)
    changed = sum(after.labels != before.labels for after, before in zip(kept, found.kept, strict=True))
    return replace(found, kept=kept, relabelled=changed)


def _relabelled(example: Example, verdict: Verdict | None, action: str, label_ids: Sequence[str]) -> Example:
    if verdict is None:
        return example
    seen = verdict.labels & set(label_ids)
    return replace(example, labels=example.labels | seen if action == "add" else seen)


def _surplus(examples: Sequence[Example], seed: int) -> list[int]:
    """What the criteria that were asked for most have beyond the one that was asked for least."""
    asked = [example.provenance.criterion for example in examples]
    least = min(Counter(asked).values(), default=0)
    taken: Counter[str] = Counter()
    surplus = []
    for index in stratified_order(asked, random.Random(f"{seed}/balance")):
        taken[asked[index]] += 1
        if taken[asked[index]] > least:
            surplus.append(index)
    return sorted(surplus)


def _texts(examples: Sequence[Example]) -> list[str]:
    return [example.text for example in examples]


def _vectors(texts: Sequence[str], embedder: Embedder | None) -> np.ndarray:
    if embedder is None:
        raise ValueError("curation compares meanings: it needs an embedder")
    return embedder.embed(texts)
