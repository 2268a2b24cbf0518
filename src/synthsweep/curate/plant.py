"""Plants faults of a known dose in a pool of synthetic texts, for dose-response studies; pure.

Each fault hits the first texts of its own seeded order: the texts hit at dose 0.1 are among those at 0.2, and faults are
independent of each other. Exact and near duplicates share one order, so that a text is at most one copy.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from synthsweep.config.keys.synthetic import PlantConfig
from synthsweep.curate.rounding import texts_of_share
from synthsweep.examples import Example, text_key
from synthsweep.stratify import stratified_order

# A near duplicate has one word in this many changed.
WORDS_PER_CHANGE = 10
# The number of texts searched for a word that differs from the replaced one.
TRIES = 20

# The texts that a fault changed, by their index in the pool.
Changes = dict[int, Example]


@dataclass(frozen=True)
class Planted:
    """The pool with its faults: how many texts each fault hit, and the faults of each text by id.

    `whole` holds truncated texts as they were before, by id.
    """

    examples: tuple[Example, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: Mapping[str, str] = field(default_factory=dict)


def plant(pool: Sequence[Example], config: PlantConfig, label_ids: Sequence[str], *, seed: int) -> Planted:
    """The pool in its order and with its ids; each fault hits the same share of every criterion (a half is rounded up).

    `omission` is a share of the texts with further labels, `label_noise` of those that carry one label and lack another. A copy
    needs an original: one text of each criterion never becomes a copy.
    """
    place = f"{seed}/plant"
    texts = list(pool)
    near, exact = _copied(texts, config, place)
    steps: dict[str, Callable[[], Changes]] = {
        "near_duplicates": lambda: near,
        "duplication": lambda: exact,
        "truncation": lambda: _truncated(texts, config.truncation, place),
        "omission": lambda: _omitted(texts, config.omission, place),
        "label_noise": lambda: _mislabelled(texts, config.label_noise, label_ids, place),
    }
    counts: dict[str, int] = {}
    faults: dict[str, tuple[str, ...]] = {}
    whole: dict[str, str] = {}
    for fault, step in steps.items():
        if not getattr(config, fault):
            continue
        changes = step()
        counts[fault] = len(changes)
        for index, changed in changes.items():
            if fault == "truncation":
                whole[changed.id] = texts[index].text
            texts[index] = changed
            faults[changed.id] = (*faults.get(changed.id, ()), fault)
    return Planted(tuple(texts), counts, faults, whole)


def _copied(texts: Sequence[Example], config: PlantConfig, place: str) -> tuple[Changes, Changes]:
    """Near duplicates from the end of an order, and exact ones from its beginning; the originals are in neither."""
    order = _order(texts, range(len(texts)), f"{place}/copies")
    originals = {texts[index].provenance.criterion: index for index in order}
    free = [index for index in order if originals[texts[index].provenance.criterion] != index]
    wanted = (texts_of_share(config.duplication, len(texts)), texts_of_share(config.near_duplicates, len(texts)))
    exact = free[: wanted[0]]
    near = free[len(exact) :][::-1][: wanted[1]]
    copies = {*exact, *near}
    donors: dict[str, list[Example]] = defaultdict(list)
    for index in order:
        if index not in copies:
            donors[texts[index].provenance.criterion].append(texts[index])

    def copy(index: int, *, changed: bool) -> Example:
        own = texts[index]
        rng = random.Random(f"{place}/copies/{own.id}")
        donor = rng.choice(donors[own.provenance.criterion])
        text = _nearly(donor, texts, rng) if changed else donor.text
        return replace(own, text=text, labels=donor.labels)

    return {index: copy(index, changed=True) for index in near}, {index: copy(index, changed=False) for index in exact}


def _nearly(donor: Example, texts: Sequence[Example], rng: random.Random) -> str:
    words = donor.text.split()
    for position in rng.sample(range(len(words)), max(1, len(words) // WORDS_PER_CHANGE)):
        words[position] = _other_word(words[position], donor, texts, rng)
    return " ".join(words)


def _other_word(word: str, donor: Example, texts: Sequence[Example], rng: random.Random) -> str:
    """A word of another text; the word itself where no other was found in `TRIES` texts."""
    for _ in range(TRIES):
        other = rng.choice(texts)
        words = [own for own in other.text.split() if text_key(own) != text_key(word)]
        if words and other.id != donor.id:
            return rng.choice(words)
    return word


def _truncated(texts: Sequence[Example], share: float, place: str) -> Changes:
    words = [example.text.split() for example in texts]
    longer = [index for index, own in enumerate(words) if len(own) > 1]
    chosen = _order(texts, longer, f"{place}/truncation")[: texts_of_share(share, len(longer))]
    return {index: replace(texts[index], text=" ".join(words[index][: (len(words[index]) + 1) // 2])) for index in chosen}


def _omitted(texts: Sequence[Example], share: float, place: str) -> Changes:
    several = [index for index, example in enumerate(texts) if len(example.labels) > 1]
    chosen = _order(texts, several, f"{place}/omission")[: texts_of_share(share, len(several))]
    return {index: replace(texts[index], labels=frozenset({_asked(texts[index], place)})) for index in chosen}


def _mislabelled(texts: Sequence[Example], share: float, label_ids: Sequence[str], place: str) -> Changes:
    eligible = [index for index, example in enumerate(texts) if example.labels and set(label_ids) - example.labels]
    chosen = _order(texts, eligible, f"{place}/label_noise")[: texts_of_share(share, len(eligible))]

    def mislabelled(example: Example) -> Example:
        lacking = [label for label in label_ids if label not in example.labels]
        wrong = random.Random(f"{place}/label_noise/{example.id}").choice(lacking)
        return replace(example, labels=example.labels - {_asked(example, place)} | {wrong})

    return {index: mislabelled(texts[index]) for index in chosen}


def _asked(example: Example, place: str) -> str:
    """The label that a text was written for; where the text does not carry it, one of its labels."""
    asked = example.provenance.criterion
    return asked if asked in example.labels else random.Random(f"{place}/asked/{example.id}").choice(sorted(example.labels))


def _order(texts: Sequence[Example], eligible: Sequence[int], place: str) -> list[int]:
    """The texts that a fault can hit, in the seeded order in which it hits them."""
    criteria = [texts[index].provenance.criterion for index in eligible]
    return [eligible[rank] for rank in stratified_order(criteria, random.Random(place))]
