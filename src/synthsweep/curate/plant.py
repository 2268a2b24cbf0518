"""Plants faults of a known dose in a pool of synthetic texts, for dose-response studies; pure.

A fault falls on the first texts of an order of its own, so that the texts spoiled at dose 0.1 are among those at 0.2, and
what one fault falls on says nothing of what another does. Only the two that copy share an order: a text is one copy at most.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from synthsweep.config.synthetic import PlantConfig
from synthsweep.examples import Example, text_key
from synthsweep.stratify import stratified_order

# Of a near duplicate, one word in so many is changed.
WORDS_A_CHANGE = 10
# So many texts are looked at for a word that differs from the one that it replaces.
TRIES = 20

# The texts that a fault changed, by their place in the pool.
Changes = dict[int, Example]


@dataclass(frozen=True)
class Planted:
    """The pool with its faults: how many texts each one spoiled, and which faults a text has, by its id.

    `whole` is what truncated texts were before, by id.
    """

    examples: tuple[Example, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: Mapping[str, str] = field(default_factory=dict)


def plant(pool: Sequence[Example], config: PlantConfig, label_ids: Sequence[str], *, seed: int) -> Planted:
    """The pool in its order and with its ids, each fault at its share (half goes up) over all criteria alike.

    `omission` and `label_noise` are shares of the texts that can have them: those with further labels; those that carry one
    label and lack another. A copy needs an original: one text of each criterion is never made a copy.
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
    """Near duplicates, from the end of an order, and exact ones, from its beginning; what they copy is in neither."""
    order = _order(texts, range(len(texts)), f"{place}/copies")
    originals = {texts[index].provenance.criterion: index for index in order}
    free = [index for index in order if originals[texts[index].provenance.criterion] != index]
    wanted = (_rounded(config.duplication, len(texts)), _rounded(config.near_duplicates, len(texts)))
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
    for position in rng.sample(range(len(words)), max(1, len(words) // WORDS_A_CHANGE)):
        words[position] = _other_word(words[position], donor, texts, rng)
    return " ".join(words)


def _other_word(word: str, donor: Example, texts: Sequence[Example], rng: random.Random) -> str:
    """A word of another text; the word itself where the texts that are looked at have no other."""
    for _ in range(TRIES):
        other = rng.choice(texts)
        words = [own for own in other.text.split() if text_key(own) != text_key(word)]
        if words and other.id != donor.id:
            return rng.choice(words)
    return word


def _truncated(texts: Sequence[Example], share: float, place: str) -> Changes:
    words = [example.text.split() for example in texts]
    longer = [index for index, own in enumerate(words) if len(own) > 1]
    chosen = _order(texts, longer, f"{place}/truncation")[: _rounded(share, len(longer))]
    return {index: replace(texts[index], text=" ".join(words[index][: (len(words[index]) + 1) // 2])) for index in chosen}


def _omitted(texts: Sequence[Example], share: float, place: str) -> Changes:
    several = [index for index, example in enumerate(texts) if len(example.labels) > 1]
    chosen = _order(texts, several, f"{place}/omission")[: _rounded(share, len(several))]
    return {index: replace(texts[index], labels=frozenset({_asked(texts[index], place)})) for index in chosen}


def _mislabelled(texts: Sequence[Example], share: float, label_ids: Sequence[str], place: str) -> Changes:
    able = [index for index, example in enumerate(texts) if example.labels and set(label_ids) - example.labels]
    chosen = _order(texts, able, f"{place}/label_noise")[: _rounded(share, len(able))]

    def mislabelled(example: Example) -> Example:
        lacking = [label for label in label_ids if label not in example.labels]
        wrong = random.Random(f"{place}/label_noise/{example.id}").choice(lacking)
        return replace(example, labels=example.labels - {_asked(example, place)} | {wrong})

    return {index: mislabelled(texts[index]) for index in chosen}


def _asked(example: Example, place: str) -> str:
    """The label that a text was written for; where it does not carry it, one of those that it carries."""
    asked = example.provenance.criterion
    return asked if asked in example.labels else random.Random(f"{place}/asked/{example.id}").choice(sorted(example.labels))


def _order(texts: Sequence[Example], able: Sequence[int], place: str) -> list[int]:
    """The texts that a fault can fall on, in the order in which it does."""
    criteria = [texts[index].provenance.criterion for index in able]
    return [able[rank] for rank in stratified_order(criteria, random.Random(place))]


def _rounded(share: float, count: int) -> int:
    # In binary, 0.29 of 50 is a hair under 14.5: half goes up by the share as it is written.
    return int(Decimal(str(share)) * count + Decimal("0.5"))
