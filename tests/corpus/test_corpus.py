"""The room's front door: from files and a configuration to a label set and a checked split."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from cachetools import LRUCache

from support.builders import run_config
from synthsweep.config.keys.texts import DataConfig, FilesConfig, LabelsConfig
from synthsweep.corpus.corpus import Corpus, CorpusCache, load_corpus, require_files
from synthsweep.errors import ConfigError, DataError

FROM_DATA = LabelsConfig()


def write(name: str, first: int, count: int, *, children: int = 0) -> str:
    """A CSV file of `count` rows numbered from `first`, labelled A, B, both, none in turn."""
    lines = ["id,child,text,A,B"]
    for number in range(first, first + count):
        child = f"c{number % children}" if children else f"c{number}"
        lines.append(f"{number:03},{child},record {number},{number % 2},{number // 2 % 2}")
    Path(name).write_text("\n".join(lines) + "\n")
    return name


def csv_files(**parts: str) -> DataConfig:
    return DataConfig(kind="csv", files=FilesConfig(**parts))


def ids(corpus: Corpus) -> dict[str, list[str]]:
    return {part: [example.id for example in examples] for part, examples in corpus.split.parts.items()}


def numbers(first: int, count: int) -> list[str]:
    return [f"{number:03}" for number in range(first, first + count)]


def test_one_file_is_split_by_its_shares() -> None:
    """A fifth each for dev and test by default."""
    corpus = load_corpus(FROM_DATA, DataConfig(kind="csv", path=write("notes.csv", 0, 100)), subset_seed=1)

    found = ids(corpus)
    assert corpus.labels.ids == ("A", "B")
    assert {part: len(members) for part, members in found.items()} == {"train": 60, "dev": 20, "test": 20}
    assert sorted(ident for members in found.values() for ident in members) == numbers(0, 100)


def test_files_for_every_part_are_taken_as_they_are() -> None:
    """Nobody else's split is mended."""
    data = csv_files(train=write("train.csv", 0, 8), dev=write("dev.csv", 20, 4), test=write("test.csv", 40, 4))

    assert ids(load_corpus(FROM_DATA, data, subset_seed=1)) == {
        "train": numbers(0, 8),
        "dev": numbers(20, 4),
        "test": numbers(40, 4),
    }


def test_a_missing_dev_comes_out_of_train() -> None:
    """A fifth of it; the test file stays whole, so that results compare with those of others."""
    data = csv_files(train=write("train.csv", 0, 40), test=write("test.csv", 40, 4))

    found = ids(load_corpus(FROM_DATA, data, subset_seed=1))

    assert (len(found["train"]), len(found["dev"]), found["test"]) == (32, 8, numbers(40, 4))
    assert sorted(found["train"] + found["dev"]) == numbers(0, 40)


def test_a_missing_test_comes_out_of_train() -> None:
    """Beside a dev file that stays whole."""
    data = csv_files(train=write("train.csv", 0, 40), dev=write("dev.csv", 40, 4))

    found = ids(load_corpus(FROM_DATA, data, subset_seed=1))

    assert (len(found["train"]), found["dev"], len(found["test"])) == (32, numbers(40, 4), 8)


def test_a_training_file_alone_is_split_in_three() -> None:
    """As data.path would be."""
    file = write("train.csv", 0, 40)

    alone = load_corpus(FROM_DATA, csv_files(train=file), subset_seed=1)

    assert alone == load_corpus(FROM_DATA, DataConfig(kind="csv", path=file), subset_seed=1)


def test_a_child_stands_in_one_part() -> None:
    data = DataConfig(kind="csv", path=write("notes.csv", 0, 100, children=20), group="child")

    split = load_corpus(FROM_DATA, data, subset_seed=1).split

    children = [example.group for part in split.parts.values() for example in {e.group: e for e in part}.values()]
    assert len(children) == len(set(children)) == 20


def test_a_child_in_two_files_is_refused() -> None:
    """Files of one's own are checked, not trusted."""
    data = DataConfig(
        kind="csv",
        group="child",
        files=FilesConfig(train=write("train.csv", 0, 8, children=4), test=write("test.csv", 40, 4, children=2)),
    )

    with pytest.raises(DataError, match=r"data: group 'c[01]' stands in both (train|dev) and test"):
        load_corpus(FROM_DATA, data, subset_seed=1)


def test_sizes_draw_a_subset_of_each_part() -> None:
    """The few-shot axis, and quick tries."""
    whole = DataConfig(kind="csv", path=write("notes.csv", 0, 100))
    drawn = DataConfig(kind="csv", path="notes.csv", train_size=12, dev_size=8, test_size=4)

    few, every = (ids(load_corpus(FROM_DATA, data, subset_seed=1)) for data in (drawn, whole))

    assert {part: len(members) for part, members in few.items()} == {"train": 12, "dev": 8, "test": 4}
    assert all(set(few[part]) < set(every[part]) for part in few)


def test_the_subset_seed_changes_train_alone() -> None:
    """Dev and test are data.split_seed's, so that arms and replicates are judged by the same texts."""
    write("notes.csv", 0, 100)
    data = DataConfig(kind="csv", path="notes.csv", train_size=12, dev_size=8, test_size=8)

    one, other = (ids(load_corpus(FROM_DATA, data, subset_seed=seed)) for seed in (1, 2))

    assert one["train"] != other["train"]
    assert (one["dev"], one["test"]) == (other["dev"], other["test"])


@pytest.mark.parametrize(("size", "ratio"), [(12, 0.25), (12, 1), (20, 2), (7, 7)])
def test_the_reserve_is_what_a_larger_training_set_would_add(size: int, ratio: float) -> None:
    """So that more real texts at a ratio are the training set of that size: one axis, not two."""
    write("notes.csv", 0, 100)
    few, more = (
        load_corpus(FROM_DATA, DataConfig(kind="csv", path="notes.csv", train_size=count), subset_seed=3)
        for count in (size, round(size * (1 + ratio)))
    )

    added = few.reserve[: round(size * ratio)]
    assert set(more.split.train) == {*few.split.train, *added}
    assert more.reserve == few.reserve[len(added) :]


def test_training_set_and_reserve_are_the_training_part() -> None:
    """Nothing of dev or test, each text once; nothing is left of a whole part."""
    write("notes.csv", 0, 100)
    few, whole = (
        load_corpus(FROM_DATA, DataConfig(kind="csv", path="notes.csv", train_size=size), subset_seed=3) for size in (12, 0)
    )

    together = [*few.split.train, *few.reserve]
    assert sorted(e.id for e in together) == sorted(e.id for e in whole.split.train)
    assert whole.reserve == ()


def test_a_cached_corpus_has_the_reserve_of_each_size() -> None:
    """The cache holds the whole corpus, from which each size is drawn."""
    write("notes.csv", 0, 100)
    cache: CorpusCache = LRUCache(2)
    sizes = (12, 20, 0, 12)
    data = [DataConfig(kind="csv", path="notes.csv", train_size=size) for size in sizes]

    reserves = [load_corpus(FROM_DATA, one, subset_seed=3, cache=cache).reserve for one in data]

    assert [len(reserve) for reserve in reserves] == [48, 40, 0, 48]
    assert reserves == [load_corpus(FROM_DATA, one, subset_seed=3).reserve for one in data]


def test_the_split_seed_changes_what_is_tested() -> None:
    write("notes.csv", 0, 100)

    tests = {
        tuple(ids(load_corpus(FROM_DATA, DataConfig(kind="csv", path="notes.csv", split_seed=seed), subset_seed=1))["test"])
        for seed in (1, 2)
    }

    assert len(tests) == 2


def test_a_list_column_serves_as_labels() -> None:
    """`data.label_column=labels`, with names between semicolons."""
    rng = random.Random(1)
    rows = "".join(f"record {number},{';'.join(rng.sample('AB', rng.randint(0, 2)))}\n" for number in range(50))
    Path("notes.csv").write_text("text,labels\n" + rows)

    corpus = load_corpus(FROM_DATA, DataConfig(kind="csv", path="notes.csv", label_column="labels"), subset_seed=1)

    assert corpus.labels.ids == ("A", "B")
    assert {example.labels for example in corpus.split.train} == {frozenset(), frozenset("A"), frozenset("B"), frozenset("AB")}


def test_jsonl_and_csv_of_one_content_give_one_corpus() -> None:
    write("notes.csv", 0, 40)
    header, *rows = Path("notes.csv").read_text().splitlines()
    assert header == "id,child,text,A,B"
    fields = [row.split(",") for row in rows]
    objects = [
        f'{{"id": "{i}", "child": "{c}", "text": "{t}", "A": {a}, "B": {str(b == "1").lower()}}}\n' for i, c, t, a, b in fields
    ]
    Path("notes.jsonl").write_text("".join(objects))

    one, other = (
        load_corpus(FROM_DATA, DataConfig(kind=kind, path=f"notes.{kind}"), subset_seed=1) for kind in ("csv", "jsonl")
    )

    assert one == other


def test_overrides_of_the_command_line_read_a_file_of_ones_own() -> None:
    Path("mine.csv").write_text("note,key,A1\n" + "".join(f"record {n},{n},{n % 2}\n" for n in range(30)))
    config = run_config(
        "data=csv", "data.path=mine.csv", "data.text=note", "data.id=key", "labels.ids=[A1]", "data.train_size=10"
    )

    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)

    assert [criterion.name for criterion in corpus.labels.criteria] == ["Social-emotional reciprocity"]
    assert {part: len(members) for part, members in ids(corpus).items()} == {"train": 10, "dev": 6, "test": 6}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DataConfig(kind="csv", path="gone.csv"), r"data\.path=gone\.csv: there is no such file, seen from "),
        (csv_files(train="gone.csv"), r"data\.files\.train=gone\.csv: there is no such file, seen from "),
        (csv_files(train="here.csv", dev="gone.csv"), r"data\.files\.dev=gone\.csv: there is no such file, seen from "),
        (csv_files(train="here.csv", test="gone.csv"), r"data\.files\.test=gone\.csv: there is no such file, seen from "),
    ],
)
def test_a_file_that_is_not_there_is_refused_at_once(data: DataConfig, message: str, own_folder: Path) -> None:
    """Before torch is imported; the message says from where it was looked for."""
    Path("here.csv").touch()

    with pytest.raises(DataError, match=f"{message}{own_folder}"):
        require_files(data)


@pytest.mark.parametrize(
    "data",
    [
        DataConfig(kind="demo"),
        DataConfig(kind="hub", path="clinic/notes"),
        DataConfig(kind="csv", path="here.csv"),
        csv_files(train="here.csv", test="here.csv"),
    ],
)
def test_files_that_are_there_are_let_through(data: DataConfig) -> None:
    """So are the demo and a name on the hub."""
    Path("here.csv").touch()

    assert require_files(data) is None


def test_further_test_sets_stand_beside_the_first() -> None:
    """Whole, by name; the first alone is drawn from, and is what it would be alone."""
    several = csv_files(train=write("train.csv", 0, 30), dev=write("dev.csv", 30, 10), test=write("a.csv", 40, 12))
    one = load_corpus(FROM_DATA, replace(several, test_size=6), subset_seed=1)
    files = replace(several.files, test=["a.csv", write("b.csv", 60, 9)])
    found = load_corpus(FROM_DATA, replace(several, files=files, test_size=6), subset_seed=1)

    assert found.split.further.keys() == {"test_b"}
    assert [len(part) for part in found.split.parts.values()] == [30, 10, 6, 9]
    assert replace(found.split, further={}) == one.split


def test_a_text_of_any_test_set_is_kept_out_of_train_and_dev(caplog: pytest.LogCaptureFixture) -> None:
    """It would leak as one of the first set does; two test sets may share it."""
    write("a.csv", 40, 12)
    # The first three texts of train, and two of the other test set, under ids of their own.
    shared = [f"x{number},record {number},1,0" for number in (0, 1, 2, 40, 41)]
    Path("b.csv").write_text("id,text,A,B\n" + "\n".join(shared) + "\n")
    data = csv_files(train=write("train.csv", 0, 30), dev=write("dev.csv", 30, 10))
    found = load_corpus(FROM_DATA, replace(data, files=replace(data.files, test=["a.csv", "b.csv"])), subset_seed=1)

    assert len(found.split.train) == 27
    assert len(found.split.further["test_b"]) == 5
    assert "3 texts of train dropped: the same text stands in dev or test or test_b" in caplog.text
    assert {example.id for example in found.split.evaluated} >= {"x0", "x41"}


def test_an_id_may_stand_in_two_test_sets_but_not_in_train_and_one_of_them() -> None:
    """Each test set is scored by itself."""
    data = csv_files(train=write("train.csv", 0, 30), dev=write("dev.csv", 30, 10))
    write("a.csv", 40, 12)
    write("b.csv", 45, 12)
    write("c.csv", 25, 4)
    found = load_corpus(FROM_DATA, replace(data, files=replace(data.files, test=["a.csv", "b.csv"])), subset_seed=1)
    assert len(found.split.further["test_b"]) == 12

    with pytest.raises(DataError, match="stands in both train and test_c"):
        load_corpus(FROM_DATA, replace(data, files=replace(data.files, test=["a.csv", "c.csv"])), subset_seed=1)


def test_a_further_test_file_that_is_not_there_is_named() -> None:
    """With the key that names it."""
    data = csv_files(train=write("train.csv", 0, 30), test=write("a.csv", 40, 12))

    with pytest.raises(DataError, match=r"data\.files\.test\.b=no/b\.csv: there is no such file"):
        require_files(replace(data, files=replace(data.files, test=["a.csv", "no/b.csv"])))


def test_what_is_wrong_in_every_file_is_said_at_once() -> None:
    """Nobody mends one file to be told about the next."""
    Path("train.csv").write_text("text,A\none,1\n,0\nthree,1\n")
    Path("test.csv").write_text("text,A\nfour,1\nfive,2\nsix,0\n")

    with pytest.raises(DataError, match=r"train\.csv row 3: text is empty; .*test\.csv row 3: A must be 0 or 1, got '2'"):
        load_corpus(FROM_DATA, csv_files(train="train.csv", test="test.csv"), subset_seed=1)


def test_a_corpus_says_how_its_labels_were_read() -> None:
    """A column of 0 and 1 that is no label looks like one."""
    corpus = load_corpus(FROM_DATA, DataConfig(kind="csv", path=write("notes.csv", 0, 40)), subset_seed=1)

    assert corpus.notes[0] == "labels: 2 read as 0/1 columns: A, B"
    assert corpus.notes[1].startswith("columns not read as labels: child (holds 'c0', 'c1'")


@pytest.mark.parametrize(
    ("kind", "encoding", "message"),
    [
        ("csv", "nope", r"data\.encoding=nope: there is no such encoding"),
        ("csv", "rot13", r"data\.encoding=rot13: there is no such encoding"),
        ("parquet", "cp1252", r"data\.encoding=cp1252 is for data=csv and data=jsonl"),
    ],
)
def test_an_encoding_is_one_of_texts(kind: str, encoding: str, message: str) -> None:
    """It is refused before a file is read."""
    with pytest.raises(ConfigError, match=message):
        DataConfig(kind=kind, path="notes", encoding=encoding)
