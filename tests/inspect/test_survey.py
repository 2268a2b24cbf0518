"""From a configuration to an inspection: both sides measured alike, nothing of dev or test shown."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from support.builders import config_of
from support.toy_embedder import ToyEmbedder
from synthsweep.config.roots import InspectConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.curate.characteristics.measures import characterize
from synthsweep.errors import PoolError
from synthsweep.examples import Example
from synthsweep.inspect.report.page import render
from synthsweep.inspect.survey import survey
from synthsweep.run.collaborators import Collaborators

THINGS = ("ball", "swing", "train", "spoon", "hat", "tower", "drum", "lamp", "door", "shoe", "cup", "rope")
WAYS = ("rolled", "watched", "carried", "counted", "painted")


def inspect_config(*overrides: str) -> InspectConfig:
    """The configuration of `synthsweep inspect OVERRIDES`, by default with sixty short real texts of A and B."""
    rows = [f'{i},"he {WAYS[i % 5]} the {THINGS[i % 12]} {THINGS[i // 5]}",{i % 2},{int(i % 3 == 0)}' for i in range(60)]
    Path("my.csv").write_text("\n".join(["id,text,A,B", *rows]))
    shared = ("data=csv", "data.path=my.csv", "labels=from_data", "tracking=none", "llm.path=pool.jsonl", *overrides)
    return config_of("inspect", InspectConfig, *shared)


def write_pool(*texts: str, label: str = "A") -> None:
    Path("pool.jsonl").write_text("".join(json.dumps({"label": label, "text": text}) + "\n" for text in texts))


def part(config: InspectConfig, name: str) -> tuple[Example, ...]:
    return load_corpus(config.labels, config.data, subset_seed=1).split.parts[name]


OWN = [f"she {way} a {thing}" for way in ("wanted", "hid") for thing in THINGS]


@pytest.mark.slow
def test_the_pool_is_read_whatever_the_mix_says() -> None:
    """The mix real_only has none; a ratio may ask for more texts than there are."""
    write_pool(*OWN)
    plain = survey(inspect_config("characteristics=lexical"))
    others = (("mix=real_only",), ("mix.ratio=10",), ("mix=more_real",))

    assert (plain.synthetic.count, plain.curation.written) == (24, 24)
    for mix in others:
        assert survey(inspect_config("characteristics=lexical", *mix)).synthetic.count == 24


def test_a_real_text_is_measured_against_others_than_itself() -> None:
    """Else each would be its own nearest, at 1, and known to the model of perplexity."""
    write_pool(*OWN)
    config, embedder = inspect_config(), ToyEmbedder()
    found = survey(config, Collaborators(embedder=embedder))
    train = part(config, "train")
    alone = characterize(train[:1], train[1:], (), ["A", "B"], vectors=embedder.embed)
    within = characterize(train, train, (), ["A", "B"], vectors=embedder.embed)

    assert found.real.texts["nearest_real"][0] == pytest.approx(alone.texts["nearest_real"][0])
    assert (within.texts["nearest_real"] > 0.999).all()
    assert np.median(found.real.texts["nearest_real"]) < 0.999
    assert found.real.texts["centroid"].mean() < within.texts["centroid"].mean()
    assert {"length", "mattr", "perplexity", "nearest_real"} < set(found.synthetic.texts) == set(found.real.texts)
    assert not np.isnan(found.real.texts["perplexity"]).any()


def test_both_sides_of_a_pool_are_of_one_size() -> None:
    """Otherwise characteristics that follow the number of texts would show the sizes alone."""
    write_pool(*OWN)
    found = survey(inspect_config(), Collaborators(embedder=ToyEmbedder()))

    assert 24 == found.even < found.real.count
    assert (found.synthetic.even == found.synthetic.pool, found.real.even == found.real.pool) == (True, False)
    assert found.real.even["vendi_q1"] < 24


def test_outliers_are_the_texts_with_extreme_values() -> None:
    """Each with the real training text that is nearest to it."""
    write_pool("quantum tax law zz", *(example.text + " again" for example in part(inspect_config(), "train")[:8]))
    found = survey(inspect_config("inspect.strangest=2"), Collaborators(embedder=ToyEmbedder()))
    real = {example.id: example.text for example in part(inspect_config(), "train")}

    assert [one.characteristic for one in found.outliers] == ["nearest_real", "nearest_real", "perplexity", "perplexity"]
    assert {found.outliers[place].shown.text for place in (0, 2)} == {"quantum tax law zz"}
    assert all(one.nearest is not None and real[one.nearest.id] == one.nearest.text for one in found.outliers)
    assert found.outliers[0].value == found.outliers[0].cosine == min(found.synthetic.texts["nearest_real"])


@pytest.mark.slow
@pytest.mark.parametrize("curation", ["default", "none", "near"])
def test_no_text_of_dev_or_test_is_on_the_page(curation: str) -> None:
    """Not as a copy, not as what repeats a copy, not where an earlier step drops it; its id is."""
    config = inspect_config(f"curation={curation}", "curation.max_words=9")
    secret = [example for name in ("dev", "test") for example in part(config, name)]
    long = " ".join(f"w{place}" for place in range(9))
    copies = [text for one in secret for text in (one.text, one.text.upper(), f"{one.text}!!")]
    write_pool(*copies, f"{OWN[0]} {long}", *OWN)
    page = render(survey(config, Collaborators(embedder=ToyEmbedder())))

    assert [one.text for one in secret if one.text.casefold() in page.casefold()] == []
    assert f"repeats {secret[0].id}" in page
    assert f"{OWN[0]} {long}" in page


@pytest.mark.slow
def test_a_paraphrase_of_a_test_text_and_what_repeats_it_are_hidden() -> None:
    """The leak gate finds the first by meaning; the second was dropped before it, as a near copy of the first."""
    config = inspect_config("curation=near")
    words = part(config, "test")[0].text.split()
    first, second = " ".join(words[::-1]), " ".join([*words[2:], *words[:2]])
    write_pool(first, second, *OWN)
    found = survey(config, Collaborators(embedder=ToyEmbedder()))

    hidden = [loss for loss in found.curation.losses if not loss.text]
    assert [loss.step for loss in hidden] == ["near_duplicates", "leaks"]
    assert [text for text in (first, second) if text in render(found)] == []


@pytest.mark.slow
def test_a_copy_that_an_earlier_step_drops_is_hidden_too() -> None:
    """The leak gate never sees a text that is too short."""
    config = inspect_config("curation.min_words=9")
    test = part(config, "test")
    write_pool(test[0].text, *(f"{text} and then they all went home" for text in OWN))
    found = survey(config, Collaborators(embedder=ToyEmbedder()))

    assert [(loss.step, loss.text) for loss in found.curation.losses] == [("too_short", "")]
    assert test[0].text not in render(found)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "mapped", "measured"), [("all", 1, 1), ("lexical", 0, 1), ("none", 0, 0)])
def test_what_is_not_measured_is_not_there(kind: str, mapped: int, measured: int) -> None:
    """Words, criteria and curation always are."""
    write_pool(*OWN)
    found = survey(inspect_config(f"characteristics={kind}"), Collaborators(embedder=ToyEmbedder()))

    assert (found.map is not None, "length" in found.synthetic.texts) == (mapped, measured)
    assert "she" in [word.word for word in found.words if word.z > 0]
    assert "Used more than in real texts" in render(found)


def test_the_map_has_no_more_points_than_the_limit() -> None:
    """Of both sides the same share."""
    write_pool(*OWN)
    config = inspect_config("inspect.most_points=30")
    drawn = survey(config, Collaborators(embedder=ToyEmbedder())).map

    assert drawn is not None
    assert 28 <= len(drawn.places) <= 30
    assert drawn.synthetic.mean() == pytest.approx(24 / (24 + len(part(config, "train"))), abs=0.05)


@pytest.mark.slow
def test_the_same_configuration_gives_the_same_page() -> None:
    write_pool(*OWN)
    config = inspect_config()
    pages = [render(survey(config, Collaborators(embedder=ToyEmbedder()))) for _ in range(2)]

    assert pages[0] == pages[1]
    assert replace(config, seed=2) != config


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"label": "A", "reply": "I cannot help with that."}, "the pool holds no text, 1 pieces of replies were rejected"),
        ({"label": "A", "text": "one two three"}, "curation leaves none of 1 text (too short 1): take curation=default"),
    ],
)
def test_a_pool_of_nothing_is_one_line(line: dict[str, str], said: str) -> None:
    """There is nothing to look at, and the line says why."""
    Path("pool.jsonl").write_text(json.dumps(line) + "\n")

    with pytest.raises(PoolError, match=re.escape(said)):
        survey(inspect_config("curation.min_words=5"), Collaborators(embedder=ToyEmbedder()))
