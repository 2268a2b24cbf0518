"""What curation drops from a pool, step by step, and why; pure.

duplicates -> near-duplicates -> copies of training texts -> length -> the leak gate -> label check -> balance
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from synthsweep.config.keys.synthetic import CurationConfig
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
# The methods that each value of curation.near_duplicates stands for.
NEAR_METHODS = {"none": (), "minhash": ("minhash",), "embedding": ("embedding",), "both": ("minhash", "embedding")}


@dataclass(frozen=True)
class Dropped:
    """A text that a step dropped; `like` is the id of the text that it repeats, empty if it repeats none."""

    example: Example
    step: str
    like: str = ""


@dataclass(frozen=True)
class Curated:
    """The kept texts of a pool, in pool order, and the texts that each step dropped; together they are the pool.

    `relabelled` counts texts whose labels were changed, `unjudged` those without a verdict; `verdicts` is by id.
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
        counts = Counter(one.step for one in self.dropped)
        return {step: counts[step] for step in self.steps}

    @property
    def leaks(self) -> tuple[Dropped, ...]:
        """Copies of dev and test texts."""
        return tuple(one for one in self.dropped if one.step == LEAKS)

    def without(self, step: str, like: Mapping[int, str]) -> "Curated":
        """The result of one more step; `like` maps the index of each text to drop to the id of the text that it repeats."""
        dropped = tuple(Dropped(self.kept[index], step, other) for index, other in like.items())
        kept = tuple(example for index, example in enumerate(self.kept) if index not in like)
        return replace(self, kept=kept, dropped=self.dropped + dropped, steps=tuple(dict.fromkeys((*self.steps, step))))


def curate(
    pool: Sequence[Example],
    *,
    train: Sequence[Example],
    evaluated: Sequence[Example],
    config: CurationConfig,
    label_ids: Sequence[str],
    kind: str = "multi",
    embedder: Embedder | None = None,
    checker: LabelChecker | None = None,
    seed: int = 1,
    whole: Mapping[str, str] | None = None,
) -> Curated:
    """The pool without the texts that the configuration drops, and always without copies of `evaluated`: dev and test.

    `kind` is that of the label set. `embedder` is used where the configuration compares meanings, `checker` where it checks
    labels. `whole` holds truncated
    texts as they were before, by id: half of a copy is a copy, too.
    """
    curated = Curated(tuple(pool))
    if config.drop_duplicates:
        curated = curated.without(DUPLICATES, _repeated(curated.kept))
    for method in NEAR_METHODS[config.near_duplicates]:
        curated = _without_near(curated, method, train, config, embedder)
    curated = _within_length(curated, config)
    curated = curated.without(LEAKS, _leaks(curated.kept, evaluated, config, embedder, whole or {}))
    if checker is not None:
        curated = _checked(curated, checker, config.label_action, label_ids)
        if kind == "single":
            # New labels may be several, or none.
            doubted = [index for index, example in enumerate(curated.kept) if len(example.labels) != 1]
            curated = curated.without(DOUBTED, dict.fromkeys(doubted, ""))
    if config.balance:
        curated = curated.without(UNBALANCED, dict.fromkeys(_surplus(curated.kept, seed), ""))
    return curated


def _repeated(examples: Sequence[Example]) -> dict[int, str]:
    """Maps a text's index to the id of the first text that differs only in case, punctuation and spacing."""
    first: dict[str, str] = {}
    repeated: dict[int, str] = {}
    for index, example in enumerate(examples):
        key = text_key(example.text)
        if key in first:
            repeated[index] = first[key]
        else:
            first[key] = example.id
    return repeated


def repeats_of(examples: Sequence[Example], others: Sequence[Example]) -> dict[str, str]:
    """Maps the id of each text to the id of the other one from which it differs only in case, punctuation and spacing."""
    known = {text_key(other.text): other.id for other in reversed(others)}
    keys = {example.id: text_key(example.text) for example in examples}
    return {ident: known[key] for ident, key in keys.items() if key in known}


def _without_near(
    curated: Curated, method: str, train: Sequence[Example], config: CurationConfig, embedder: Embedder | None
) -> Curated:
    """Keeps the first text of each cluster of near copies; with `against_train`, no near copy of a training text."""
    by_words = method == "minhash"
    texts = _texts(curated.kept)
    own = lexical_copies(texts, config.jaccard) if by_words else semantic_copies(_vectors(texts, embedder), config.cosine)
    curated = curated.without(NEAR, {index: curated.kept[other].id for index, other in own.items()})
    if not config.against_train:
        return curated
    texts, others = _texts(curated.kept), _texts(train)
    if by_words:
        pairs = lexical_pairs(texts, others, config.jaccard)
    else:
        pairs = semantic_pairs(_vectors(texts, embedder), _vectors(others, embedder), config.cosine)
    return curated.without(TRAIN, {index: train[other].id for index, other in pairs.items()})


def _within_length(curated: Curated, config: CurationConfig) -> Curated:
    """Drops texts with too few or too many words; 0 sets no bound."""
    if config.min_words:
        short = [index for index, example in enumerate(curated.kept) if len(words_of(example.text)) < config.min_words]
        curated = curated.without(SHORT, dict.fromkeys(short, ""))
    if config.max_words:
        long = [index for index, example in enumerate(curated.kept) if len(words_of(example.text)) > config.max_words]
        curated = curated.without(LONG, dict.fromkeys(long, ""))
    return curated


def _leaks(
    examples: Sequence[Example],
    evaluated: Sequence[Example],
    config: CurationConfig,
    embedder: Embedder | None,
    whole: Mapping[str, str],
) -> dict[int, str]:
    """Maps a text's index to the id of a dev or test text that it copies: in words, or in meaning if `leak_cosine` is set."""
    texts, others = _texts(examples), _texts(evaluated)
    truncated = [index for index, example in enumerate(examples) if example.id in whole]
    before = copies_of([whole[examples[index].id] for index in truncated], others, config.jaccard)
    pairs = {truncated[number]: other for number, other in before.items()} | copies_of(texts, others, config.jaccard)
    if config.leak_cosine is not None and texts and others:
        pairs = semantic_pairs(_vectors(texts, embedder), _vectors(others, embedder), config.leak_cosine) | pairs
    return {index: evaluated[other].id for index, other in sorted(pairs.items())}


def _checked(curated: Curated, checker: LabelChecker, action: str, label_ids: Sequence[str]) -> Curated:
    """Applies the action to each verdict; a text without a verdict stays as it is."""
    verdicts = checker.check(curated.kept)
    known = {e.id: verdict for e, verdict in zip(curated.kept, verdicts, strict=True) if verdict is not None}
    curated = replace(curated, verdicts=known, unjudged=len(curated.kept) - len(known))
    if action == "drop":
        doubted = [index for index, e in enumerate(curated.kept) if e.id in known and not e.labels <= known[e.id].labels]
        return curated.without(DOUBTED, dict.fromkeys(doubted, ""))
    if action == "keep":
        return curated
    kept = tuple(_relabelled(example, known.get(example.id), action, label_ids) for example in curated.kept)
    changed = sum(after.labels != before.labels for after, before in zip(kept, curated.kept, strict=True))
    return replace(curated, kept=kept, relabelled=changed)


def _relabelled(example: Example, verdict: Verdict | None, action: str, label_ids: Sequence[str]) -> Example:
    if verdict is None:
        return example
    seen = verdict.labels & set(label_ids)
    return replace(example, labels=example.labels | seen if action == "add" else seen)


def _surplus(examples: Sequence[Example], seed: int) -> list[int]:
    """Indices of the texts to drop until every criterion has as many texts written for it as the rarest one.

    Texts that were written for none stay.
    """
    asked = [example.provenance.criterion for example in examples]
    least = min(Counter(filter(None, asked)).values(), default=0)
    taken: Counter[str] = Counter()
    surplus = []
    for index in stratified_order(asked, random.Random(f"{seed}/balance")):
        taken[asked[index]] += 1
        if asked[index] and taken[asked[index]] > least:
            surplus.append(index)
    return sorted(surplus)


def _texts(examples: Sequence[Example]) -> list[str]:
    return [example.text for example in examples]


def _vectors(texts: Sequence[str], embedder: Embedder | None) -> np.ndarray:
    if embedder is None:
        raise ValueError("curation compares meanings: it needs an embedder")
    return embedder.embed(texts)
