"""Pools of the user's own, in every form that the real texts may have."""

import json
import re
from pathlib import Path
from string import ascii_letters

import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

from support.builders import AB_CSV, run_config
from synthsweep.display.run import describe_pool
from synthsweep.errors import InputError
from synthsweep.examples import Example
from synthsweep.run.audit_pools import read_pools
from synthsweep.run.prepare import TrainingData, prepare

DATA = ("data=csv", "data.path=own.csv", "labels=from_data", "llm=recorded", "mix.ratio=0")
# The same three texts in every format: one with both labels, one with the second, one with none.
ROWS = [
    {"id": "p1", "text": "Both of them.", "A": 1, "B": 1},
    {"id": "p2", "text": "The second.", "A": 0, "B": 1},
    {"id": "p3", "text": "Nothing.", "A": 0, "B": 0},
]
LABELS = {"p1": ["A", "B"], "p2": ["B"], "p3": []}
READ = [("p1", {"A", "B"}), ("p2", {"B"}), ("p3", set())]


@pytest.fixture(autouse=True)
def own_csv(own_folder: Path) -> None:
    Path("own.csv").write_text(AB_CSV, encoding="utf-8")
    Path("body.csv").write_text(AB_CSV.replace("text", "body"), encoding="utf-8")


def json_lines(name: str, *rows: dict[str, object]) -> str:
    Path(name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return name


def table(name: str, *rows: str) -> str:
    Path(name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return name


def prepared(path: str, *overrides: str) -> TrainingData:
    return prepare(run_config(*DATA, "mix=augment", "mix.ratio=0.01", f"llm.path={path}", *overrides))


def pool(path: str, *overrides: str) -> tuple[Example, ...]:
    return prepared(path, *overrides).pool.examples


def test_every_form_of_the_same_texts_is_the_same_pool() -> None:
    """A researcher has a pool as a generator wrote it, or as the corpus is."""

    write_table(pa.table({key: [row[key] for row in ROWS] for key in ROWS[0]}), "zeros.parquet")
    write_table(pa.table({"text": [r["text"] for r in ROWS], "id": list(LABELS), "labels": list(LABELS.values())}), "l.parquet")
    forms = [
        json_lines("zeros.jsonl", *ROWS),
        json_lines("list.jsonl", *({"id": r["id"], "text": r["text"], "labels": LABELS[str(r["id"])]} for r in ROWS)),
        json_lines("one.jsonl", *({"id": r["id"], "text": r["text"], "label": LABELS[str(r["id"])]} for r in ROWS)),
        json_lines(
            "also.jsonl",
            {"id": "p1", "text": "Both of them.", "label": "A", "also": ["B"]},
            {"id": "p2", "text": "The second.", "label": "B", "also": None},
            {"id": "p3", "text": "Nothing.", "label": None},
        ),
        table("zeros.csv", "id,text,A,B", "p1,Both of them.,1,1", "p2,The second.,0,1", "p3,Nothing.,0,0"),
        table("list.csv", "id,text,label", "p1,Both of them.,A;B", "p2,The second.,B", "p3,Nothing.,"),
        table("further.csv", "id,text,label,also", "p1,Both of them.,A,B", "p2,The second.,B,", "p3,Nothing.,,"),
        table("tabs.tsv", "id\ttext\tlabels", "p1\tBoth of them.\tA|B", "p2\tThe second.\tB", "p3\tNothing.\t"),
        "zeros.parquet",
        "l.parquet",
    ]

    for form in forms:
        texts = pool(form)
        assert [(text.id, set(text.labels)) for text in texts] == READ
        assert [text.text for text in texts] == ["Both of them.", "The second.", "Nothing."]
        assert [text.provenance.criterion for text in texts] == ["A", "B", ""]


@pytest.mark.parametrize(
    "row", [{}, {"label": None}, {"label": ""}, {"label": []}, {"labels": []}, {"labels": None, "also": []}]
)
def test_a_text_without_a_label_shows_none(row: dict[str, object]) -> None:
    """Negatives are what raises precision; the screen says how many there are."""

    path = json_lines("pool.jsonl", {"text": "Nothing.", **row}, {"text": "Something.", "label": "A"})
    data = prepared(path)

    assert [(e.text, e.labels) for e in data.pool.examples] == [("Something.", frozenset("A")), ("Nothing.", frozenset())]
    assert "1 of 2 synthetic texts show none of the labels" in describe_pool(data.pool)


def test_columns_of_0_and_1_count_where_no_label_is_named() -> None:
    """An empty label column beside them makes no negative of the text; names that agree with them are fine."""
    path = table("p.csv", "text,label,A,B", "x,,1,0", "y,B,0,1", "z,,0,0")

    assert [(text.text, text.labels) for text in pool(path)] == [
        ("x", frozenset("A")),
        ("y", frozenset("B")),
        ("z", frozenset()),
    ]


def test_a_users_texts_are_not_screened_as_replies() -> None:
    """`I'm sorry, I can't` is what people say, and a text may be long, repeated or in another language."""

    texts = ["I'm sorry, I can't come.", "As an AI course, it was poor.", "Twice.", "Twice.", "Das ist gut so.", "word " * 500]
    path = json_lines("pool.jsonl", *({"label": "A", "text": text} for text in texts))

    data = prepared(path, "labels.language=en", "generate.max_words=10")

    assert [example.text for example in data.pool.examples] == [text.strip() for text in texts]
    assert data.pool.rejected == ()


def test_texts_without_an_id_keep_the_ids_and_the_order_that_they_always_had() -> None:
    """Runs that were kept before are found by them."""

    path = json_lines("mine.jsonl", {"label": "B", "text": "b0"}, {"label": "A", "text": "a0"}, {"label": "B", "text": "b1"})

    assert [text.id for text in pool(path)] == [f"synthetic/mine/own/{place}" for place in ("A/0/0", "B/0/0", "B/0/1")]


def test_labels_are_those_of_the_file_whatever_the_prompt_asks_for() -> None:
    """No prompt wrote these texts."""

    path = json_lines("mine.jsonl", {"label": "A", "text": "One.", "also": ["B"]})

    assert [pool(path, f"prompt={variant}")[0].labels for variant in ("negative", "contrastive", "plain")] == [
        frozenset("AB")
    ] * 3


def test_an_id_of_a_real_text_is_kept_below_its_writer(caplog: pytest.LogCaptureFixture) -> None:
    """Corpora and pools both count from 1."""

    path = json_lines("mine.jsonl", {"label": "A", "text": "One.", "id": 7}, {"label": "A", "text": "Two.", "id": "x7"})

    assert [text.id for text in pool(path)] == ["synthetic/mine/7", "x7"]
    assert "1 id of the pool is that of a real text or of another file (7): kept as synthetic/WRITER/ID" in caplog.messages


def test_several_files_are_one_pool_in_which_each_text_names_its_file() -> None:
    """Two LLMs are one arm, and the audit still tells them apart."""

    json_lines("a.jsonl", {"label": "A", "text": "One.", "id": "1x"}, {"text": "None."})
    json_lines("b.jsonl", {"label": "A", "text": "Two.", "id": "1x"}, {"label": "B", "text": "Three."})

    listed, named = pool("[a.jsonl,b.jsonl]"), pool("{gpt: a.jsonl, llama: b.jsonl}", "llm.model=both")

    assert [(text.id, text.provenance.llm) for text in listed] == [
        ("synthetic/a/1x", "a"), ("synthetic/b/1x", "b"), ("synthetic/b/own/B/0/0", "b"), ("synthetic/a/own/(none)/0/0", "a"),
    ]  # fmt: skip
    assert [text.provenance.llm for text in named] == ["both (gpt)", "both (llama)", "both (llama)", "both (gpt)"]


def test_copies_of_training_texts_are_counted_where_nothing_drops_them(caplog: pytest.LogCaptureFixture) -> None:
    """They look like a gain in data and are none."""

    table(
        "own.csv", "id,text,A,B", *(f"t{i},{letter * 9} {letter * 5},{i % 2},1" for i, letter in enumerate(ascii_letters[:26]))
    )
    [real, *_] = prepared(json_lines("m.jsonl", {"label": "A", "text": "x"})).corpus.split.train

    pool(json_lines("mine.jsonl", {"label": "A", "text": real.text.upper(), "id": "c"}, {"label": "B", "text": "New."}))

    assert any(f"1 text of the pool repeats a real training text (c is {real.id})" in message for message in caplog.messages)


def test_texts_for_no_label_are_neither_balanced_away_nor_audited(caplog: pytest.LogCaptureFixture) -> None:
    """Balance is between labels, and an audit asks about the label that a text was written for."""
    path = json_lines(
        "m.jsonl",
        *({"label": "A", "text": f"first {n}"} for n in range(4)),
        {"label": "B", "text": "other"},
        {"text": "neither"},
    )

    kept = prepared(path, "curation.balance=true").curated.kept
    pools = read_pools([run_config(*DATA, f"llm.path={path}")])

    assert sorted(text.provenance.criterion for text in kept) == ["", "A", "B"]
    assert len(pools.examples) == 6
    assert "1 text written for no label: an audit asks about a label, so none of them is drawn" in caplog.messages


def test_what_is_not_read_and_not_taken_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt `lables` would make negatives of a whole pool."""

    path = json_lines("m.jsonl", {"lables": ["A"], "text": "x"}, {"label": "A", "text": " "}, {"label": "A", "text": "\ud800"})

    told = describe_pool(prepared(path).pool)

    assert "m.jsonl: not read: lables" in caplog.messages
    assert told.endswith("not taken from the pool: 1 empty text (row 2), 1 no Unicode text (row 3)")


def test_a_text_with_a_provenance_is_a_text() -> None:
    """Only a row without a text describes the file."""

    path = json_lines("m.jsonl", {"provenance": "notes"}, {"label": "A", "text": "x", "provenance": "gpt"}, {"text": "y"})

    assert len(pool(path)) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.csv", "text,A\nx,1", "llm.path: p.csv row 2 has no column B beside A: add it, as 0 or 1"),
        ("p.csv", "text,A,B\nx,1,maybe", "llm.path: p.csv row 2: B must be 0 or 1, got 'maybe': mend it, or remove the row"),
        (
            "p.csv",
            "text,label,A,B\nx,A,1,0\nx,A,0,1",
            "p.csv row 3 names A, and its columns of 0 and 1 say B: leave one of the two",
        ),
        ("p.csv", "text,label\nx,C", "llm.path: p.csv row 2: label 'C' is none of labels.ids (A, B)"),
        (
            "p.csv",
            "text,label\nx,C\ny,A\nz,C\nw,D",
            "p.csv rows 2, 4, 5: labels 'C' (2 rows), 'D' (1 row) are none of labels.ids (A, B): take them out of these rows",
        ),
        ("p.csv", "id,text,label\n1x,x,A\n1x,y,A", "llm.path: p.csv rows 2, 3: id is not unique; give each row its own id"),
        ("p.csv", "words,label\nx,A", "llm.path: p.csv row 2 must hold a text, or a label with a reply"),
        ("p.csv", "text,body,label\nx,y,A", "p.csv row 2 holds both text and body, as the data call it: leave one of the two"),
        ("p.xlsx", "x", "llm.path: p.xlsx: workbooks are not read; export the sheet as CSV UTF-8"),
        ("p.parquet", "x", "llm.path: data=parquet: p.parquet is not a Parquet file"),
    ],
)
def test_a_wrong_row_is_refused_by_its_number(name: str, content: str, message: str) -> None:
    """Before anything trains."""

    with pytest.raises(InputError, match=re.escape(message)):
        pool(table(name, *content.split("\n")), *(["data.text=body", "data.path=body.csv"] if "body" in content else []))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[a/p.jsonl,b/p.jsonl]", "llm.path has two files named p: name them, as in llm.path={a: FILE, b: FILE}"),
        ("[1,2]", "llm.path must be a file, a list of files or {NAME: FILE}, got 1"),
        ("{a: [x]}", "llm.path must be a file, a list of files or {NAME: FILE}, got ['x']"),
        ("{a.b: x.jsonl}", "llm.path must be names of letters, digits, '_', '-', got a.b"),
        ("[]", "llm.path must name a file, got []: null takes the shipped replies"),
        ("7", "llm.path must be a file, a list of files or {NAME: FILE}, got 7"),
    ],
)
def test_what_names_no_files_is_refused(value: str, message: str) -> None:
    """A name is part of provenance and ids."""

    with pytest.raises(InputError, match=re.escape(message)):
        run_config(*DATA, f"llm.path={value}")


@pytest.mark.parametrize("name", ["array.json", "pretty.json", "columns.json", "mark.jsonl"])
def test_every_form_of_json_is_a_pool(name: str) -> None:
    """As for the real texts: an array, an object of columns, UTF-16 with its mark."""
    rows = [{"text": "One.", "label": "A"}, {"text": "Two.", "label": "B"}]
    content = {
        "array.json": json.dumps(rows).encode(),
        "pretty.json": json.dumps(rows, indent=2).encode(),
        "columns.json": json.dumps({"text": ["One.", "Two."], "label": ["A", "B"]}).encode(),
        "mark.jsonl": "".join(f"{json.dumps(row)}\n" for row in rows).encode("utf-16"),
    }
    Path(name).write_bytes(content[name])

    assert [(text.text, set(text.labels)) for text in pool(name)] == [("One.", {"A"}), ("Two.", {"B"})]


@pytest.mark.parametrize("name", ["pool.csv", "pool.jsonl"])
def test_a_pool_is_utf_8_or_else_what_the_real_texts_are(name: str) -> None:
    """A generator writes UTF-8, and a spreadsheet the encoding of its machine."""
    Path("own.csv").write_text(AB_CSV, encoding="cp1252")
    row = "text,label\nGrüße.,A\n" if name == "pool.csv" else '{"text": "Grüße.", "label": "A"}\n'

    for encoding in ("utf-8", "cp1252"):
        Path(name).write_text(row, encoding=encoding)
        assert pool(name, "data.encoding=cp1252")[0].text == "Grüße."


def test_what_was_skipped_in_the_table_of_a_pool_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """As it is of the real texts."""
    table("pool.csv", "text, label,", "One.,A,", ",,", "Two.,B,")

    assert len(pool("pool.csv")) == 2
    assert "pool.csv: 1 blank (row 3) skipped" in caplog.messages


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "p.jsonl",
            '{"text": "x", "label": "A"}\n{"text": "x", "label": "A", "label": "B"}',
            "row 2: the key 'label' stands twice",
        ),
        ("p.jsonl", '{"text": "x", "label": "NA"}', "p.jsonl row 1: label 'NA' is none of labels.ids"),
        ("p.csv", "text,label\nx,NA\n", "p.csv row 2: label 'NA' is none of labels.ids"),
        (
            "p.jsonl",
            '{"text": "x", "labels": {"A": 1, "B": null}}',
            "p.jsonl row 1: labels must be a label or a list of labels",
        ),
        ("p.jsonl", '[{"text": "x", "label": "A"}, 5]', "row 2: not an object with a key per column"),
    ],
)
def test_a_label_of_a_pool_is_never_lost(name: str, content: str, message: str) -> None:
    """Neither the first of two values, nor a word for no value, nor an open key is a negative."""
    Path(name).write_text(content)

    with pytest.raises(InputError, match=re.escape(message)):
        pool(name)
