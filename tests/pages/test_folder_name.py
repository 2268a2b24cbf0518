"""Folders of names."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.pages.folder_name import folder_name, own_folder

NAMES = st.lists(st.one_of(st.text(), st.sampled_from(["a", "b", "a/b", "a_b", "a+b", "a:b", "A", ".", "..", ""])), max_size=3)


@pytest.mark.parametrize(
    "name", ["demo", "Demo", "ratio_response", "my study", "sweep-0a1b2c3d", "v1.2", "größe", "研究", "a=b,c"]
)
def test_a_plain_name_is_its_own_folder(name: str) -> None:
    assert folder_name(name) == name


@pytest.mark.parametrize(
    ("name", "begin"),
    [("a/b", "a_b~"), ("../x", "_x~"), ("it's", "it_s~"), ("a+b", "a_b~"), ("x.", "x~"), ("?", "_~"), ("..", "~")],
)
def test_any_other_name_has_a_readable_folder_with_a_digest(name: str, begin: str) -> None:
    """So `a/b` is not `a_b`."""

    assert folder_name(name).startswith(begin)


@given(one=NAMES, other=NAMES)
def test_no_two_names_share_a_folder(one: list[str], other: list[str]) -> None:
    """Nor do several names and one name that joins them."""

    assert (folder_name(*one) == folder_name(*other)) == (one == other)


@given(names=NAMES)
def test_a_folder_lies_below_its_parent(names: list[str]) -> None:
    """Whatever the names hold, and with a name that a file system takes."""

    name = folder_name(*names)

    assert Path("x", name).parent == Path("x")
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert 0 < len(name.encode()) <= 255


def test_names_that_differ_in_case_have_two_folders(tmp_path: Path) -> None:
    """On every file system, and each name has the same one each time; two that are there already stay."""

    first = own_folder(tmp_path, "Demo")
    first.mkdir()
    second = own_folder(tmp_path, "demo")
    second.mkdir()

    assert (first.name, second.name[:5]) == ("Demo", "demo~")
    assert [own_folder(tmp_path, "Demo"), own_folder(tmp_path, "demo")] == [first, second]
    (tmp_path / "demo").mkdir(exist_ok=True)
    assert own_folder(tmp_path, "Demo") == first
