"""The shipped corpus keeps the figures that it promises."""

import csv
import itertools
import re
from collections import Counter

import numpy as np
import pytest

from support.builders import run_config
from synthsweep.corpus.corpus import load_corpus
from synthsweep.corpus.load import DEMO
from synthsweep.examples import text_key

CRITERIA = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with DEMO.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def negatives(rows: list[Row]) -> list[Row]:
    return [row for row in rows if all(row[criterion] == "0" for criterion in CRITERIA)]


def test_it_has_the_columns_that_data_demo_names(rows: list[Row]) -> None:
    """And every label is 0 or 1."""
    assert list(rows[0]) == ["id", "child", "text", *CRITERIA, "hard"]
    assert {row[criterion] for row in rows for criterion in CRITERIA} == {"0", "1"}


def test_it_has_a_thousand_sentences_of_120_children(rows: list[Row]) -> None:
    """Enough of both for a split by child."""
    assert len(rows) >= 1000
    assert len({row["child"] for row in rows}) >= 120


def test_its_ids_are_unique_and_begin_with_their_child(rows: list[Row]) -> None:
    """An id in a report leads to the child without a look at the file."""
    assert len(rows) == len({row["id"] for row in rows})
    assert all(row["id"].startswith(f"{row['child']}-") for row in rows)


def test_30_to_45_percent_are_evidence_for_nothing(rows: list[Row]) -> None:
    """Precision is lost on them."""
    assert 0.30 <= len(negatives(rows)) / len(rows) <= 0.45


def test_a_fifth_of_the_positives_show_two_criteria(rows: list[Row]) -> None:
    """Or more than two."""
    shown = Counter(sum(row[criterion] == "1" for criterion in CRITERIA) for row in rows)

    assert sum(count for number, count in shown.items() if number >= 2) / (len(rows) - shown[0]) >= 0.20


@pytest.mark.parametrize("criterion", CRITERIA)
def test_every_criterion_has_60_positives(criterion: str, rows: list[Row]) -> None:
    """So that a quarter of them, the test part, has 15."""
    assert sum(row[criterion] == "1" for row in rows) >= 60


def test_15_percent_of_the_negatives_are_hard(rows: list[Row]) -> None:
    """Negated, typical, or about somebody else; a positive is never marked so."""
    none = negatives(rows)

    assert {row["hard"] for row in rows} == {"", "negated", "typical", "other"}
    assert sum(row["hard"] != "" for row in none) / len(none) >= 0.15
    assert all(row["hard"] == "" for row in rows if row not in none)


def test_no_two_texts_are_near_duplicates(rows: list[Row]) -> None:
    """Their sets of words overlap (Jaccard) by 0.6 at most."""
    words = [set(re.findall(r"\w+", row["text"].lower())) for row in rows]
    places = {word: place for place, word in enumerate(sorted(set().union(*words)))}
    held = np.zeros((len(rows), len(places)), dtype=np.float32)
    for row, found in enumerate(words):
        held[row, [places[word] for word in found]] = 1
    shared = held @ held.T
    sizes = held.sum(axis=1)
    overlap = np.triu(shared / (sizes[:, None] + sizes[None, :] - shared), k=1)

    near = [(rows[one]["id"], rows[other]["id"]) for one, other in zip(*np.nonzero(overlap > 0.6), strict=True)]
    assert near == []


def test_no_sentence_begins_like_many_others(rows: list[Row]) -> None:
    """Sentences that a script builds from parts share their first four words by the dozen."""
    openings = Counter(tuple(text_key(row["text"]).split()[:4]) for row in rows)

    assert [opening for opening, count in openings.items() if count > 12] == []


def test_texts_are_a_sentence_or_two(rows: list[Row]) -> None:
    """Neither fragments nor reports, clean at both ends and on one line."""
    assert all(row["text"] == " ".join(row["text"].split()) for row in rows)
    assert all(3 <= len(row["text"].split()) <= 80 for row in rows)


def test_the_default_split_has_every_criterion_in_every_part(caplog: pytest.LogCaptureFixture) -> None:
    """By child, with ten positives of each in dev and fifteen in test, and no warning."""
    config = run_config()

    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)

    held = {part: Counter(label for e in examples for label in e.labels) for part, examples in corpus.split.parts.items()}
    least = {"train": 60, "dev": 10, "test": 15}
    assert {part: min(held[part][label] for label in CRITERIA) >= least[part] for part in least} == dict.fromkeys(least, True)
    children = [{example.group for example in examples} for examples in corpus.split.parts.values()]
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(children, 2))
    assert caplog.records == []
