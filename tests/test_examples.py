"""Criteria, label sets, examples, and the digests that stand for them."""

import dataclasses
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name

from support.builders import AB, real
from synthsweep.errors import ConfigError
from synthsweep.examples import (
    RESERVED_IDS,
    Criterion,
    Example,
    LabelSet,
    Provenance,
    digest_examples,
    digest_of,
    is_usable_id,
    label_matrix,
    labels_without_positive,
    text_key,
)

modest = settings(deadline=None, max_examples=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def label_set(*ids: str) -> LabelSet:
    return LabelSet("any", tuple(Criterion(label) for label in ids))


@pytest.mark.parametrize(
    ("criterion", "text"),
    [
        (Criterion("B1"), "B1"),
        (Criterion("B1", "Movement"), "Movement"),
        (Criterion("B1", "", "flapping"), "B1: flapping"),
        (Criterion("B1", "Movement", "flapping"), "Movement: flapping"),
    ],
)
def test_a_criterion_reads_as_a_prompt_says_it(criterion: Criterion, text: str) -> None:
    """The id stands in where the data name a label by nothing else."""
    assert str(criterion) == text


def test_a_label_set_keeps_the_order_of_its_criteria() -> None:
    """The order is that of the classifier's outputs."""
    assert label_set("B", "A", "C").ids == ("B", "A", "C")


def test_a_label_set_finds_a_criterion_by_its_id() -> None:
    assert AB["B"] == Criterion("B", "Beta", "betas")


@pytest.mark.parametrize("label", ["A1", "not_well", "high-risk", "v1.2", "two words", "größe", "-1"])
def test_a_label_may_be_whatever_a_metrics_name_may_hold(label: str) -> None:
    """Labels of people's own files are rarely as tidy as A1."""
    assert label_set(label).ids == (label,)


UNUSABLE = ["", " A", "A ", "A/B", "A@1", "A\nB", "a[0]", ".", "..", "a:b", "a=b", "a,b", "'a'", 'a"b', "a\\b", "a\u00a0b"]


@pytest.mark.parametrize("label", [*sorted(RESERVED_IDS), *UNUSABLE])
def test_a_label_that_would_break_a_metrics_name_is_refused(label: str) -> None:
    """test/recall/macro must be the mean, and the slash must part the three words."""
    with pytest.raises(
        ConfigError, match=r"labels\.ids must be letters, digits.*; got .*: rename the column or label \(labels.names says"
    ) as error:
        label_set("A", label)

    assert repr(label) in str(error.value)


def test_a_label_twice_is_refused() -> None:
    """Two outputs for one label would share one metric."""
    with pytest.raises(ConfigError, match=r"labels\.ids must be different from each other, got 'A' twice"):
        label_set("A", "B", "A")


def test_a_label_set_without_a_label_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"labels\.ids must name at least one label"):
        label_set()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("No  Eye\tcontact!", "no eye contact"),
        ("no eye contact", "no eye contact"),
        ("“No”, eye: contact…", "no eye contact"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        (" ?! ", "?!"),
        ("...", "..."),
    ],
)
def test_the_key_of_a_text_forgets_case_punctuation_and_spacing(text: str, key: str) -> None:
    """A text of punctuation alone keeps it: two such texts are not the same."""
    assert text_key(text) == key


@modest
@given(text=st.text(max_size=60))
def test_the_key_of_a_key_is_that_key(text: str) -> None:
    """So that a text compared with a normalised copy of itself is found equal."""
    key = text_key(text)

    assert text_key(key) == key


@modest
@given(words=st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=8), data=st.data())
def test_texts_of_the_same_words_have_one_key(words: list[str], data: st.DataObject) -> None:
    """However they are spaced, cased and pointed."""
    gaps = data.draw(st.lists(st.sampled_from([" ", "  ", ", ", ". ", "\n"]), min_size=len(words), max_size=len(words)))
    written = "".join(word.upper() + gap for word, gap in zip(words, gaps, strict=True))

    assert text_key(written) == " ".join(words)


def test_the_matrix_has_a_row_per_example_and_a_column_per_label() -> None:
    """A label that the set lacks has no column."""
    examples = [real("1", "A"), real("2"), real("3", "B", "A"), real("4", "Z")]

    assert label_matrix(examples, ("A", "B")) == [[1, 0], [0, 0], [1, 1], [0, 0]]


@modest
@given(value=st.dictionaries(st.text(max_size=5), values, max_size=6))
def test_a_digest_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    """A configuration has no order of keys."""
    assert digest_of(value) == digest_of(dict(reversed(value.items())))


@modest
@given(one=values, other=values)
def test_values_that_differ_have_digests_that_differ(one: object, other: object) -> None:
    """What JSON writes alike is alike, nothing else is."""
    alike = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (digest_of(one) == digest_of(other)) == alike


def test_a_digest_is_the_same_in_every_process() -> None:
    """Run keys outlive the process: a golden value, which a change of the digest would orphan."""
    assert digest_of({"b": [1, "ü"], "a": None}) == "6bafd57c7869b3aca54e576a5157b40cc195c8486124cab93d52f1b59556838e"


def test_a_digest_takes_a_lone_surrogate() -> None:
    """An LLM's reply may hold one, and UTF-8 has no place for it."""
    assert digest_of("\ud800") != digest_of("\udfff")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "2"},
        {"text": "Another text"},
        {"labels": frozenset({"A", "B"})},
        {"labels": frozenset()},
        {"group": "g2"},
        {"group": None},
    ],
)
def test_the_digest_of_examples_sees_what_training_can_see(change: dict[str, object]) -> None:
    """Any other data must give any other run key."""
    example = Example("1", "A text", frozenset({"A"}), "g1")

    assert digest_examples([example]) != digest_examples([dataclasses.replace(example, **change)])


def test_the_digest_of_examples_sees_their_order() -> None:
    """Batches are drawn by place."""
    examples = [real("1", "A"), real("2", "B")]

    assert digest_examples(examples) != digest_examples(examples[::-1])


def test_the_digest_of_examples_does_not_see_where_they_come_from() -> None:
    """Neither training nor evaluation does."""
    example = real("1", "A")
    written = dataclasses.replace(example, provenance=Provenance("synthetic", "llm", "plain", "A"))

    assert digest_examples([example]) == digest_examples([written])


def test_the_digest_of_examples_does_not_depend_on_the_order_of_labels() -> None:
    """A set has none, and its order in memory changes from process to process."""
    labels = [f"L{number}" for number in range(20)]

    assert digest_examples([real("1", *labels)]) == digest_examples([real("1", *labels[::-1])])


def test_an_example_cannot_be_changed() -> None:
    """Rooms hand examples on without copying them."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        real("1").text = "other"  # type: ignore[misc]


def test_labels_without_a_positive_are_named_in_their_own_order() -> None:
    """Warnings of real and of synthetic texts ask the same question."""
    examples = [Example("1", "one", frozenset({"B"})), Example("2", "two")]

    assert labels_without_positive(examples, ["C", "B", "A"]) == ["C", "A"]


def test_what_few_corpora_give_changes_a_digest_only_where_it_is_given() -> None:
    """Runs that were kept before unknown labels and subgroups existed are still found."""
    plain = Example("a", "text", frozenset({"x"}), "child")
    known = digest_examples([plain])

    assert known == digest_of([["a", "text", ["x"], "child"]])
    assert len({known, digest_examples([dataclasses.replace(plain, unknown=frozenset({"y"}))])}) == 2
    assert len({known, digest_examples([dataclasses.replace(plain, subgroups=(("sex", "f"),))])}) == 2


USABLE = ["A1", "a b", "é ü", "日本", "-x", "a.b", "..a", "a..", "none", "all", "1", "_", "x" * 200]


@pytest.mark.parametrize("label", USABLE)
def test_a_usable_label_is_a_name_that_mlflow_takes(label: str) -> None:
    """Reference: MLflow's own check, which would end a run after its training; with the counts' longest prefix."""
    _validate_metric_name(f"z_counts/test/predicted_positives/{label}")

    assert label_set(label).ids == (label,)


@given(label=st.text(min_size=1, max_size=8))
@settings(deadline=None, max_examples=300)
def test_no_label_that_mlflow_refuses_is_usable(label: str) -> None:
    """Whatever a column is called."""
    if is_usable_id(label):
        _validate_metric_name(f"test/recall/{label}")


def test_all_unusable_labels_are_named_at_once() -> None:
    """A file with ten such columns is mended in one go."""
    with pytest.raises(ConfigError, match=re.escape("got 'a/b', 'c:d': rename")):
        label_set("A", "a/b", "c:d")
