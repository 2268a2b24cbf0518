"""What characteristics are called."""

import numpy as np
import pytest

from support.builders import real, synthetic
from support.toy_embedder import ToyEmbedder
from synthsweep.config.keys.synthetic import EXAMPLE_CHARACTERISTICS
from synthsweep.curate.characteristics.measures import characterize
from synthsweep.inspect.report.meanings import LABELS, POOL, TEXTS, meaning_of


def test_every_characteristic_is_explained() -> None:
    """A new one without words on the page would stand there as a bare name."""
    pool = [synthetic("s1", "A"), synthetic("s2", "B"), synthetic("s3", "A", text="one two three four")]
    train = [real("r1", "A"), real("r2", "B")]
    embedder = ToyEmbedder()
    found = characterize(
        pool, train, [real("t1")], ["A", "B"], vectors=embedder.embed, perplexity=lambda texts: np.ones(len(texts))
    )

    assert set(EXAMPLE_CHARACTERISTICS) == set(TEXTS) == set(found.texts)
    assert {name for name in found.pool if name not in TEXTS and not name.startswith(LABELS)} == set(POOL)
    assert all(meaning.says and meaning.range for meaning in (*TEXTS.values(), *POOL.values()))


@pytest.mark.parametrize(("name", "title"), [("vendi_qinf", "Vendi score, q = ∞"), ("some_new/thing", "Some new: thing")])
def test_an_unknown_name_stands_for_itself(name: str, title: str) -> None:
    """Rather than for nothing."""

    assert meaning_of(name).title == title
