"""The lines about real texts."""

from dataclasses import replace

import pytest

from support.builders import AB, real, run_config
from synthsweep.config.thresholds import in_grammar
from synthsweep.corpus.corpus import Corpus
from synthsweep.corpus.describe import corpus_lines, few_positives, ignored_line, texts_line, undefined_on_dev
from synthsweep.corpus.split import Split
from synthsweep.examples import Criterion, LabelSet

OWN = LabelSet("own", (Criterion("A1"), Criterion("B1")))


def test_labels_with_few_positives_are_named_with_their_counts() -> None:
    """One line for test and dev; what has enough is not named, and training texts do not count."""
    many = tuple(real(f"m{number}", "A", "B") for number in range(10))
    split = Split(train=(), dev=(*many, real("d", "C")), test=many[:9])

    assert few_positives(split, ("A", "B", "C")) == (
        "few positives: test has 9 of A, 9 of B, 0 of C; dev has 1 of C. "
        "With fewer than 10, a score on test or a threshold from dev is mostly chance"
    )
    assert few_positives(Split(train=(), dev=many, test=many), ("A", "B")) == ""


def test_the_labels_that_were_read_are_named_with_their_positives() -> None:
    """Before anything is trained or paid for: a column that was not meant to be a label is seen there."""
    texts = tuple(real(f"m{number}", "A") for number in range(12))
    split = Split(train=texts, dev=texts[:11], test=texts[:10])

    labels = LabelSet("own", (Criterion("A"),))

    assert corpus_lines(Corpus(labels, split, notes=("labels: 1 read as 0/1 columns: A",))) == [
        "labels: 1 read as 0/1 columns: A",
        "train 12, dev 11, test 10 real texts; 1 label (positives in train, dev, test): A 12, 11, 10",
    ]
    assert "; and 4 more" in texts_line(split, tuple("ABCDEFGHIJKL"))


def test_what_a_run_does_without_positives_on_dev_is_said() -> None:
    """The threshold of a label cannot be tuned; without any label, nothing ranks the epochs but the loss."""
    both, none = real("1", "A", "B"), real("2")
    some = Corpus(AB, Split((both,), (real("3", "A"), none), (both,)))
    no_label = Corpus(AB, Split((both,), (none,), (both,)))
    fixed = run_config("evaluation.threshold=0.5", "training.select_by=loss")

    assert undefined_on_dev(run_config(), some) == ["no dev text carries B: its threshold stays 0.5"]
    assert undefined_on_dev(run_config(), no_label) == [
        "no dev text carries A, B: their thresholds stay 0.5",
        "no dev text carries any label: dev average precision is undefined, so dev loss chooses the epoch",
    ]
    assert undefined_on_dev(fixed, no_label) == undefined_on_dev(run_config(), Corpus(AB, Split((), (both,), ()))) == []


@pytest.mark.parametrize("rule", ["dev_f2", "dev_recall>=0.9", "dev_precision>=0.9", "fn=5,fp=1", "{B1: dev_f1, default: 0.4}"])
def test_every_rule_that_tunes_on_dev_says_which_threshold_it_cannot_tune(rule: str) -> None:
    some = Corpus(OWN, Split((), (real("3", "A1"), real("4")), ()))

    assert undefined_on_dev(run_config(in_grammar(f"evaluation.threshold={rule}")), some) == [
        "no dev text carries B1: its threshold stays 0.5"
    ]


def test_no_threshold_is_spoken_of_where_none_acts() -> None:
    """A number for the label that dev lacks, or one class per text."""
    some = Split((), (real("3", "A1"), real("4", "A1")), ())
    own = run_config("evaluation.threshold={A1: dev_f1, B1: 0.3}")

    assert undefined_on_dev(own, Corpus(OWN, some)) == []
    assert undefined_on_dev(run_config(), Corpus(replace(OWN, kind="single"), some)) == []


def test_texts_without_a_class_are_counted_once() -> None:
    """Not once per class, as undecided labels are."""

    open_ = replace(real("2"), unknown=frozenset({"A1", "B1"}))
    split = Split((real("1", "A1"), open_), (real("3", "B1"),), (open_,))

    assert ignored_line(split, OWN.ids, "single") == "texts without a class, ignored: train 1, test 1"
    assert ignored_line(split, OWN.ids) == "undecided and ignored: train A1 1, B1 1; test A1 1, B1 1"
    assert ignored_line(Split(split.dev, split.dev, split.dev), OWN.ids, "single") == ""
