"""Rows that keep a rule become examples; rows that do not are named; parts are kept apart."""

import logging
from typing import Any

import pytest

from support.builders import AB, real
from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.files.table import SourceTable
from synthsweep.corpus.split import Split
from synthsweep.corpus.validate import checked_split, to_examples, warn_of_missing_labels
from synthsweep.errors import DataError
from synthsweep.examples import Example

COLUMNS: dict[str, list[Any]] = {"text": ["one", "two", "three"], "A": ["1", "0", "1"], "B": ["0", "0", "1"]}
LISTED: dict[str, list[Any]] = {"text": ["one", "two", "three"], "labels": ["A", "", "A;B"]}


def examples_of(columns: dict[str, list[Any]], *, part: str = "train", **keys: str) -> tuple[Example, ...]:
    """What a CSV file of these columns holds."""
    return to_examples(
        SourceTable("notes.csv", columns, first_row=2), DataConfig(kind="csv", path="notes.csv", **keys), AB, part=part
    )


def test_a_row_becomes_an_example() -> None:
    """With the columns as the configuration calls them."""
    columns = {"sentence": [" one "], "key": ["007"], "child": ["c1"], "A": ["1"], "B": ["0"]}

    found = examples_of(columns, text="sentence", id="key", group="child")

    assert found == (Example("007", "one", frozenset({"A"}), "c1"),)


def test_a_list_column_gives_the_same_labels_as_columns_of_zeros_and_ones() -> None:
    """Both forms are common, and neither is better."""
    expected = [frozenset("A"), frozenset(), frozenset("AB")]

    assert [example.labels for example in examples_of(COLUMNS)] == expected
    assert [example.labels for example in examples_of(LISTED, label_column="labels")] == expected


def test_rows_without_an_id_are_numbered_by_part_and_row() -> None:
    """As an editor shows them, the header of a CSV being row 1: train-2 is found at once."""
    assert [example.id for example in examples_of(COLUMNS, part="dev")] == ["dev-2", "dev-3", "dev-4"]


def test_a_column_named_id_is_taken_without_being_asked() -> None:
    """A number is a name here, and spaces around it are not."""
    assert [example.id for example in examples_of({**COLUMNS, "id": [7, " 08 ", "nine"]})] == ["7", "08", "nine"]


def test_an_unnamed_group_column_groups_nothing() -> None:
    """Only data.group does: a column of any name may be a child's."""
    assert {example.group for example in examples_of({**COLUMNS, "group": ["a", "a", "b"]})} == {None}


@pytest.mark.parametrize(
    ("changed", "keys", "message"),
    [
        ({"text": ["one", "", "three"]}, {}, "data: notes.csv row 3: text is empty; remove them or fill them in"),
        ({"text": [None, "two", "  \n"]}, {}, "data: notes.csv rows 2, 4: text is empty; remove them or fill them in"),
        (
            {"A": ["1", "yes", "0"]},
            {},
            "data: notes.csv row 3: A must be 0 or 1, got 'yes'; mend them, or leave the label out of",
        ),
        (
            {"B": ["2", "0", None]},
            {},
            "data: notes.csv row 2: B must be 0 or 1, got '2'; mend them, or leave the label out of labels.ids. "
            "row 4: no value of B; fill it in, or leave it out with labels.ids, or set data.missing_labels=negative or ignore",
        ),
        ({"id": ["1", "", "3"]}, {}, "data: notes.csv row 3: id is empty; give each row an id"),
        (
            {"id": ["1", "2", "1"]},
            {},
            "data: notes.csv rows 2, 4: id is not unique; give each row its own id, or another column",
        ),
        ({"key": ["x", "x", "x"]}, {"id": "key"}, "data: notes.csv rows 2, 3, 4: key is not unique; give each row its own id"),
        ({"child": ["c", None, " "]}, {"group": "child"}, "data: notes.csv rows 3, 4: child is empty; name each row's group"),
    ],
)
def test_a_row_that_keeps_no_rule_is_refused_by_its_number(
    changed: dict[str, list[Any]], keys: dict[str, str], message: str
) -> None:
    """One line says which rows, which rule and what to do."""
    with pytest.raises(DataError) as error:
        examples_of({**COLUMNS, **changed}, **keys)

    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_an_unknown_label_in_a_list_column_is_refused() -> None:
    """A misspelt label would else be a silent negative."""
    with pytest.raises(
        DataError, match=r"notes\.csv rows 2, 4: labels has a label A3, a that labels\.ids lacks; add or remove it"
    ):
        examples_of({**LISTED, "labels": ["A3;B", "", ["a", "B"]]}, label_column="labels")


def test_many_wrong_rows_are_counted_rather_than_listed() -> None:
    """A message stays one line."""
    columns = {"text": [""] * 20, "A": ["1"] * 20, "B": ["0"] * 20}

    with pytest.raises(DataError, match=r"rows 2, 3, 4 and 17 more: text is empty"):
        examples_of(columns)


def test_rows_of_a_jsonl_file_are_counted_from_one() -> None:
    """There is no header to count."""
    table = SourceTable("notes.jsonl", {**COLUMNS, "text": ["", "two", "three"]})

    with pytest.raises(DataError, match=r"notes\.jsonl row 1: text is empty"):
        to_examples(table, DataConfig(kind="jsonl", path="notes.jsonl"), AB, part="all")


@pytest.mark.parametrize("key", ["text", "id", "group", "label_column"])
def test_a_column_that_is_not_there_is_named_with_those_that_are(key: str) -> None:
    """The key to change stands first."""
    with pytest.raises(DataError, match=rf"data\.{key}=nowhere: notes\.csv has no such column; it has text, A, B"):
        examples_of(COLUMNS, **{key: "nowhere"})


def test_a_label_without_a_column_is_refused_with_three_ways_out() -> None:
    """The usual first error with a file of one's own."""
    with pytest.raises(
        DataError, match=r"labels\.ids: notes\.csv has no column B; it has text, A: set labels=from_data, or labels\.ids"
    ):
        examples_of({"text": ["one"], "A": ["1"]})


def parts(train: list[Example], dev: list[Example], test: list[Example]) -> Split:
    return Split(tuple(train), tuple(dev), tuple(test))


FULL = parts([real("1", "A", "B")], [real("2", "A", "B")], [real("3", "A", "B")])


def test_parts_that_keep_the_rules_pass_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    assert checked_split(FULL) == FULL
    assert caplog.records == []


def test_a_text_of_test_is_dropped_from_train_and_dev_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    """The test set is what is compared, so the other parts give way; case and punctuation hide no copy."""
    split = parts(
        [
            real("1", "A", "B"),
            real("t1", "A", text="No eye contact!"),
            real("t2", text="no eye  contact"),
            real("t3", text="Flaps."),
        ],
        [real("2", "A", "B"), real("d1", text="no eye contact")],
        [real("3", "A", "B", text="No eye contact."), real("4", text="flaps")],
    )

    clean = checked_split(split)

    assert {part: [example.id for example in members] for part, members in clean.parts.items()} == {
        "train": ["1"],
        "dev": ["2"],
        "test": ["3", "4"],
    }
    assert [record.getMessage() for record in caplog.records] == [
        "1 text of dev dropped: the same text stands in test",
        "3 texts of train dropped: the same text stands in dev or test",
    ]


def test_a_text_of_dev_is_dropped_from_train(caplog: pytest.LogCaptureFixture) -> None:
    """Thresholds are tuned on dev."""
    clean = checked_split(parts([*FULL.train, real("copy", text=FULL.dev[0].text)], [*FULL.dev], [*FULL.test]))

    assert clean == FULL
    assert "1 text of train dropped: the same text stands in dev or test" in caplog.text


def test_the_same_text_twice_in_one_part_stays(caplog: pytest.LogCaptureFixture) -> None:
    """Short records do repeat, and nothing leaks."""
    split = parts([*FULL.train, real("again", "A", text=FULL.train[0].text)], [*FULL.dev], [*FULL.test])

    assert checked_split(split) == split
    assert caplog.records == []


@pytest.mark.parametrize(
    ("part", "labels", "message"),
    [
        ("train", ["A"], "no positive example of B in train: it cannot be learnt from real texts"),
        ("dev", ["B"], "no positive example of A in dev: it has no recall, F1 or AP on dev"),
        ("test", [], "no positive example of A, B in test: it has no recall, F1 or AP on test"),
    ],
)
def test_a_label_without_a_positive_in_a_part_is_warned_of(
    part: str, labels: list[str], message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By its name: the run goes on, and its metric is undefined there."""
    split = Split(**{**FULL.parts, part: (real("only", *labels),)})

    warn_of_missing_labels(split, AB)

    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.WARNING, message)]


@pytest.mark.parametrize(("one", "other"), [("train", "dev"), ("train", "test"), ("dev", "test")])
@pytest.mark.parametrize("kind", ["id", "group"])
def test_a_group_or_an_id_in_two_parts_is_refused(kind: str, one: str, other: str) -> None:
    """Split files of one's own may have been split by sentence."""
    twins = {
        "id": (real("x", text="a text"), real("x", text="another text")),
        "group": (real("y", group="x"), real("z", group="x")),
    }[kind]
    added = dict(zip((one, other), twins, strict=True))
    split = Split(**{part: (*members, added[part]) if part in added else members for part, members in FULL.parts.items()})

    way_out = {"id": "give each row an id of its own", "group": "move it into one part"}[kind]

    with pytest.raises(DataError, match=rf"data: {kind} 'x' stands in both {one} and {other}: .*{way_out}"):
        checked_split(split)


@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_an_empty_part_is_refused(part: str) -> None:
    """With the keys that set its size."""
    message = rf"data: the {part} part holds no example: give more data, or other data\.dev_share and data\.test_share"
    with pytest.raises(DataError, match=message):
        checked_split(Split(**{**FULL.parts, part: ()}))


def test_a_part_that_is_empty_without_its_copies_is_refused() -> None:
    """Files that are copies of each other leave nothing to train on."""
    with pytest.raises(DataError, match="the train part holds no example"):
        checked_split(parts([real("t", text=FULL.test[0].text)], [*FULL.dev], [*FULL.test]))
