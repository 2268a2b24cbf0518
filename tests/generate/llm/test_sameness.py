"""Equal replies are counted, and said at the first and at the end."""

from synthsweep.generate.llm.sameness import Sameness


def test_it_is_said_once_at_the_first_and_once_at_the_end() -> None:
    """With what to look at."""
    same = Sameness("llm")
    said = []
    for text in ("a", "b", "a", "a", "c"):
        same.count(text)
        said.append(same.warning())

    assert [line.partition(":")[0] for line in said] == ["", "", "2 of 3 replies are the same", "", ""]
    assert same.warning(at_end=True).startswith("3 of 5 replies are the same: is a cache on, or llm.temperature at 0?")
    assert same.warning(at_end=True) == ""


def test_several_groups_are_counted_together() -> None:
    same = Sameness("llm")
    for text in "aabbc":
        same.count(text)

    assert same.warning().startswith("4 of 5 replies are equal to another one:")
