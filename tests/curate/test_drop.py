from hypothesis import given, settings
from hypothesis import strategies as st

from builders import real, synthetic
from synthsweep.config.schema import CurationConfig
from synthsweep.curate.drop import Curated, curate
from synthsweep.examples import Example, text_key

BOTH = CurationConfig()
texts = st.lists(st.sampled_from(["He spins.", "he  SPINS", "She waits!", "she waits", "One.", "?", "!", "Two?"]), max_size=12)


def pool_of(texts: list[str]) -> list[Example]:
    return [synthetic(str(number), "A", text=text) for number, text in enumerate(texts)]


def test_the_first_of_equal_texts_is_kept():
    """Case, punctuation and spacing make no other text."""

    pool = pool_of(["He spins.", "Other.", "he  SPINS", "He spins!"])

    assert Curated((pool[0], pool[1]), duplicates=2) == curate(pool, [], BOTH)


def test_a_text_of_dev_or_test_is_dropped_as_a_leak():
    """It counts as a leak alone, however often it stands in the pool."""

    pool = pool_of(["He spins.", "Own.", "he spins"])

    assert Curated((pool[1],), leaks=2) == curate(pool, [real("t", text="HE SPINS")], BOTH)


def test_nothing_is_dropped_where_the_configuration_says_so():
    """curation=none is for experiments on leakage."""

    pool = pool_of(["Same.", "Same.", "Leak."])

    assert Curated(tuple(pool)) == curate(pool, [real("t", text="Leak.")], CurationConfig(False, False))


def test_each_rule_acts_alone():
    """A study may switch one off."""

    pool, evaluated = pool_of(["Same.", "Same.", "Leak.", "Leak."]), [real("t", text="Leak.")]

    assert Curated((pool[0], pool[1]), leaks=2) == curate(pool, evaluated, CurationConfig(drop_duplicates=False))
    assert Curated((pool[0], pool[2]), duplicates=2) == curate(pool, evaluated, CurationConfig(drop_leaks=False))


@settings(deadline=None)
@given(texts=texts, evaluated=texts, config=st.builds(CurationConfig, st.booleans(), st.booleans()))
def test_what_is_kept_is_in_order_and_what_is_dropped_is_counted(texts, evaluated, config):
    """No text vanishes uncounted, none is changed, and a second pass finds nothing more."""

    pool, held_out = pool_of(texts), [real(f"t{number}", text=text) for number, text in enumerate(evaluated)]

    curated = curate(pool, iter(held_out), config)

    assert len(pool) == len(curated.kept) + curated.duplicates + curated.leaks
    assert list(curated.kept) == [example for example in pool if example in curated.kept]
    assert Curated(curated.kept) == curate(curated.kept, held_out, config)
    keys = [text_key(example.text) for example in curated.kept]
    assert not config.drop_duplicates or len(keys) == len(set(keys))
    assert not config.drop_leaks or not set(keys) & {text_key(text) for text in evaluated}
