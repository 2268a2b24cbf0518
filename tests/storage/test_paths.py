"""Paths as users name them."""

from pathlib import Path

import pytest

from synthsweep.storage.paths import PLAIN, named_path, plain_alias


def test_home_is_meant_unless_something_here_has_that_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user that does not exist is a name, too."""

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Path("~mine.csv").write_text("x")

    assert named_path("~/a.csv") == tmp_path / "home/a.csv"
    assert named_path("~mine.csv") == Path("~mine.csv")
    assert named_path("~nobody-of-this-name/a.csv") == Path("~nobody-of-this-name/a.csv")


@pytest.mark.parametrize("name", ["a[1].csv", "*.csv", "a::b.csv", "%20.jsonl", "a.c?v", "plain.csv"])
def test_an_alias_is_plain_and_holds_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the usual folder of temporary files is not; afterwards it is gone."""

    odd = tmp_path / "tmp[1]"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    Path(name).write_text("hello")

    with plain_alias(Path(name)) as alias:
        assert (alias.read_text(), set(str(alias)) <= PLAIN) == ("hello", True)
    assert not alias.exists()
