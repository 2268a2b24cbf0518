"""What is kept while there is room: the least recently used goes first."""

from hypothesis import given
from hypothesis import strategies as st

from synthsweep.lru import Lru


def test_the_least_recently_used_value_goes_first() -> None:
    """To be asked for is to be used."""
    kept: Lru[str] = Lru(2)
    kept.put("a", "first")
    kept.put("b", "second")
    asked = kept.get("a")
    kept.put("c", "third")

    assert asked == "first"
    assert [kept.get(key) for key in "abc"] == ["first", None, "third"]


def test_a_value_larger_than_the_room_is_not_kept() -> None:
    """And drives out nobody but its own predecessor."""
    kept: Lru[str] = Lru(5, len)
    kept.put("a", "one")
    kept.put("b", "larger than five")
    assert [kept.get("a"), kept.get("b")] == ["one", None]

    kept.put("a", "larger than five")
    assert (kept.get("a"), kept.used, len(kept)) == (None, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=8))), st.integers(0, 20))
def test_what_is_kept_is_the_last_value_of_each_key_and_fits(puts: list[tuple[int, str]], room: int) -> None:
    """Whatever was put in before, and however often."""
    kept: Lru[str] = Lru(room, len)
    for key, value in puts:
        kept.put(key, value)

    latest = dict(puts)
    held = {key: value for key in latest if (value := kept.get(key)) is not None}
    assert held.items() <= latest.items()
    assert kept.used == sum(map(len, held.values())) <= room
    assert len(kept) == len(held)
