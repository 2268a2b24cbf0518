"""Which runs are one cell, and which block each of them is in."""

import pytest

from synthsweep.compare.read.cells import Described, assignments, block_names, cell_name, levels_of, unmodelled_differences

SEEDED = {"seed": "1", "seeds.subset": "1", "seeds.draw": "1", "seeds.init": "1", "seeds.order": "1"}


def run(study: str = "a", assignment: dict[str, str] | None = None, texts: float = 50, **params: str) -> Described:
    named = {name.replace("__", "."): value for name, value in params.items()}
    return Described(study, {**SEEDED, **named}, assignment, texts)


def test_the_factors_of_a_trial_are_those_of_its_runs_less_the_seeds() -> None:
    """A seed that was varied as a factor is a draw, not a configuration."""

    runs = [run(assignment={"mix.ratio": "0.5", "seeds.init": level}, seeds__init=level) for level in ("1", "2")]

    assert assignments(runs) == [{"mix.ratio": "0.5"}, {"mix.ratio": "0.5"}]


def test_the_factors_of_single_runs_are_what_they_differ_in() -> None:
    """A choice of a group goes by its name; without synthetic texts, LLM and ratio are not factors."""

    augment = {"mix__arm": "augment", "mix__ratio": "0.5"}
    runs = [
        run(texts=0, llm__name="recorded", llm__kind="recorded", mix__arm="real_only", mix__ratio="0.0"),
        run(llm__name="recorded", llm__kind="recorded", **augment),
        run(llm__name="gpt-4", llm__kind="openai", llm__base_url="https://there", **augment),
    ]

    assert assignments(runs) == [
        {"mix": "real_only"},
        {"llm": "recorded", "mix": "augment", "mix.ratio": "0.5"},
        {"llm": "gpt-4", "mix": "augment", "mix.ratio": "0.5"},
    ]


def test_a_file_of_texts_tells_pools_apart_by_its_name() -> None:
    """A folder says nothing to a reader."""

    runs = [run(llm__path=f"/home/me/{name}.jsonl") for name in ("plain", "attributed")]

    assert assignments(runs) == [{"llm": "plain"}, {"llm": "attributed"}]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [(("/a/plain.jsonl", "/b/other.jsonl"), ["plain", "other"]), (("/a/x.jsonl", "/b/x.jsonl"), ["/a/x.jsonl", "/b/x.jsonl"])],
)
def test_a_file_goes_by_its_name_unless_two_have_it(files: tuple[str, str], wanted: list[str]) -> None:
    assert assignments([run(assignment={"llm.path": file}) for file in files]) == [{"llm.path": name} for name in wanted]


@pytest.mark.parametrize(("epochs", "wanted"), [("3", [{"llm": "x"}] * 2), ("6", [{"llm": "x", "study": s} for s in "ab"])])
def test_studies_that_differ_in_anything_else_stay_apart(epochs: str, wanted: list[dict[str, str]]) -> None:
    """Runs of two studies are pooled only if nothing else differs."""

    runs = [run("a", {"llm": "x"}, training__epochs="3"), run("b", {"llm": "x"}, training__epochs=epochs)]

    assert assignments(runs) == wanted
    assert unmodelled_differences(runs, [{"llm": "x"}] * 2) == (["training.epochs: 3, 6"] if epochs == "6" else [])


def test_what_cannot_act_is_no_difference() -> None:
    """Where a run is kept, how fast it is, and the LLM of a control."""

    runs = [
        run(assignment={"mix.ratio": "0"}, texts=0, tracking__folder="a", llm__name="one", generate__max_usd="1"),
        run(assignment={"mix.ratio": "1"}, tracking__folder="b", llm__name="two", generate__max_usd="2"),
    ]

    assert unmodelled_differences(runs, assignments(runs)) == []


def test_blocks_are_the_seeds_that_vary() -> None:
    """A seed that follows `seed` is not named again; one that was set apart is."""

    together = [{"seed": s, "seeds.init": s, "data.split_seed": "1"} for s in "12"]
    apart = [{"seed": "1", "seeds.init": s, "seeds.draw": d} for s, d in ("11", "21")]

    assert block_names(together) == ["seed=1", "seed=2"]
    assert block_names(apart) == ["seeds.init=1", "seeds.init=2"]
    assert block_names(together[:1]) == ["seed=1"]


def test_names_are_short_and_levels_in_order() -> None:
    """Numbers ascend, words stay as they come."""

    found = levels_of([{"mix.ratio": "1", "llm": "b"}, {"mix.ratio": "0.5", "llm": "a"}, {"mix.ratio": "0.25"}])

    assert found == {"mix.ratio": ("0.25", "0.5", "1"), "llm": ("b", "a")}
    assert cell_name({"mix.ratio": "1", "llm.path": "plain"}) == "ratio=1 path=plain"
    assert cell_name({}) == "all runs"


def test_a_key_that_cannot_act_on_a_run_makes_no_factor() -> None:
    """Runs of this version leave such keys out, those of earlier ones had their values: both are the same two cells."""

    pool = {"llm__name": "recorded", "prompt__variant": "plain", "curation__cosine": "0.9"}
    new = [run(texts=0, mix__arm="real_only"), run(mix__arm="augment", mix__ratio="0.5", **pool)]
    old = [run(texts=0, mix__arm="real_only", mix__ratio="0.5", **pool), new[1]]

    assert assignments(new) == assignments(old) == [{"mix": "real_only"}, {"mix": "augment"}]
    assert not unmodelled_differences([*new, *old], assignments([*new, *old]))


def test_a_dose_is_a_ratio_or_a_number_of_texts() -> None:
    """One of the two, and neither is lost."""

    runs = [run(mix__arm="augment", mix__ratio="0.5"), run(mix__arm="augment", mix__count="2")]

    assert assignments(runs) == [{"mix.ratio": "0.5"}, {"mix.count": "2"}]


def test_a_key_that_an_earlier_version_did_not_know_is_a_difference() -> None:
    """Whatever it did then."""

    runs = [run("a", {"llm": "x"}), run("b", {"llm": "x"}, training__match_steps="True")]

    assert [one["study"] for one in assignments(runs)] == ["a", "b"]


def test_a_factor_of_classifiers_brings_no_difference_that_only_some_of_them_know() -> None:
    """Which LLM is asked says nothing of an encoder, nor do the steps of one of an LLM; two LLMs do differ."""
    encoder = {"model__name": "tiny", "training__epochs": "3", "model__pooling": "mean"}
    asked = {"model__name": "llm", "model__kind": "llm", "model__answers": "1"}
    runs = [
        run(assignment={"model": "tiny"}, **encoder),
        run(assignment={"model": "llm"}, classifier__model="m", **asked),
    ]
    others = [runs[1], run(assignment={"model": "llm"}, classifier__model="n", **asked)]
    apart = [run("a", {}, **encoder), run("b", {}, **asked)]

    assert unmodelled_differences(runs, assignments(runs)) == []
    assert unmodelled_differences(others, assignments(others)) == ["classifier.model: m, n"]
    # Two studies, each of one classifier: its name says it.
    assert unmodelled_differences(apart, assignments(apart)) == ["model.name: tiny, llm"]
