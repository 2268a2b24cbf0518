"""Overrides in Hydra's grammar, read as factors."""

from typing import Any

import pytest
from hydra.core.config_loader import ConfigLoader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthsweep.errors import StudyError
from synthsweep.study.design.space import Choice, Condition, Factor, Range, Space, Value
from synthsweep.sweep.overrides import make_space, read_overrides

RATIO, LLM = Choice("mix.ratio", (0, 0.5), ("0", "0.5")), Choice("llm", ("a", "b"), ("a", "b"))


@pytest.mark.parametrize(
    ("text", "levels", "texts"),
    [
        ("1,2", (1, 2), ("1", "2")),
        ("choice(x, y)", ("x", "y"), ("x", "y")),
        ("range(1, 4)", (1, 2, 3), ("1", "2", "3")),
        ("range(0, 0.5, 0.25)", (0.0, 0.25), ("0.0", "0.25")),
        ("null,0.1", (None, 0.1), ("null", "0.1")),
        ("true,false", (True, False), ("True", "False")),
        ("'x y',z", ("x y", "z"), ("'x y'", "z")),
        ("1,'1'", (1, "1"), ("1", "'1'")),
        ("[1,2],[3]", ("[1,2]", "[3]"), ("[1,2]", "[3]")),
        ("sort(3, 1, 2)", (1, 2, 3), ("1", "2", "3")),
        ("shuffle(3, 1, 2)", (3, 1, 2), ("3", "1", "2")),
        ("shuffle(range(1, 4))", (1, 2, 3), ("1", "2", "3")),
    ],
)
def test_listed_values_are_levels(loader: ConfigLoader, text: str, levels: tuple[Value, ...], texts: tuple[str, ...]) -> None:
    """Each with its text for a run's override; the order is drawn by the design, not shuffled by Hydra."""

    factors, fixed = read_overrides({}, [f"key={text}"], loader, search=False)

    assert ([Choice("key", levels, texts)], []) == (factors, fixed)
    assert list(map(type, factors[0].levels if isinstance(factors[0], Choice) else ())) == list(map(type, levels))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("interval(1, 10)", Range("key", 1.0, 10.0)),
        ("int(interval(1, 10))", Range("key", 1, 10, whole=True)),
        ("tag(log, interval(1e-5, 1e-3))", Range("key", 1e-5, 1e-3, log=True)),
        ("tag(log, int(interval(1, 8)))", Range("key", 1, 8, log=True, whole=True)),
        ("range(1, 4)", Range("key", 1, 3, step=1, whole=True)),
        ("range(5, 0, -2)", Range("key", 1, 5, step=2, whole=True)),
        ("range(0, 1, 0.25)", Range("key", 0.0, 0.75, step=0.25)),
        ("tag(log, range(1, 9))", Range("key", 1, 8, log=True, whole=True)),
        ("1,2", Choice("key", (1, 2), ("1", "2"))),
    ],
)
def test_a_search_has_ranges(loader: ConfigLoader, text: str, expected: Factor) -> None:
    """Hydra's range becomes one with a step; its end is excluded, as in Python."""

    [factor], _ = read_overrides({}, [f"key={text}"], loader, search=True)

    assert factor == expected
    assert isinstance(factor, Choice) or factor.whole == isinstance(factor.low, int)


def test_a_group_is_a_factor_and_a_glob_names_its_choices(loader: ConfigLoader) -> None:
    """`curation=glob(*)` takes whatever the group has."""

    factors, _ = read_overrides({}, ["curation=glob(*)", "model=minilm,tiny"], loader, search=False)

    assert [(factor.key, factor.levels) for factor in factors if isinstance(factor, Choice)] == [
        ("curation", ("audited", "checked", "default", "judged", "near", "none")),
        ("model", ("minilm", "tiny")),
    ]


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("0,0.5", ("0", "0.5")),
        ([0, 0.5, None, True], ("0", "0.5", "null", "True")),
        (["minilm", "a b", "1", "null", "it's"], ("minilm", "'a b'", "'1'", "'null'", "'it\\'s'")),
        ([[1, "x"], ["y,z"]], ("[1,x]", "['y,z']")),
    ],
)
def test_params_are_the_grammar_or_a_list_of_levels(loader: ConfigLoader, value: Any, texts: tuple[str, ...]) -> None:
    """A string in YAML stays a string."""

    [factor], _ = read_overrides({"key": value}, [], loader, search=False)

    assert isinstance(factor, Choice)
    assert factor.texts == texts


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x00"), min_size=1), min_size=2, unique=True)
)
def test_any_words_of_a_list_are_levels_as_they_are(loader: ConfigLoader, words: list[str]) -> None:
    """With commas, quotes or brackets."""

    [factor], _ = read_overrides({"key": words}, [], loader, search=False)

    assert isinstance(factor, Choice)
    assert tuple(words) == factor.levels


@pytest.mark.parametrize("override", ["mix.ratio=1", "++mix.ratio=1"])
def test_the_command_line_takes_precedence_over_params(loader: ConfigLoader, override: str) -> None:
    """A factor of a sweep file can be fixed, or varied otherwise."""

    params = {"mix.ratio": "0,0.5", "training.epochs": 3, "training.dropout": None}

    factors, fixed = read_overrides(params, [override, "seed=1,2"], loader, search=False)

    assert [factor.key for factor in factors] == ["seed"]
    assert fixed == ["training.epochs=3", "training.dropout=null", override]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,1", "key=1,2,1: a level occurs twice"),
        ("tag(linear, interval(1, 2))", "key: tag linear is not known here; there is log"),
        ("interval(3, 1)", "key=interval(3, 1): the first bound must be the lower one"),
        ("tag(log, interval(0, 1))", "key=interval(0, 1, log): a log interval must lie above 0"),
        ("range(3, 3)", "key=range(3, 3, 1): there is nothing in it"),
    ],
)
def test_what_cannot_be_searched_is_refused(loader: ConfigLoader, text: str, message: str) -> None:
    """With the text as it was given."""

    with pytest.raises(StudyError) as refused:
        read_overrides({}, [f"key={text}"], loader, search=True)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"mix": {"ratio": "0,1"}},
            "hydra.sweeper.params.mix must be one key with dots, as in mix.ratio: ...; "
            "in a command vary the key itself, as in mix.ratio=A,B; hydra.sweeper.params is for files",
        ),
        ({"mix.ratio": []}, "hydra.sweeper.params.mix.ratio must name at least one level, got []"),
        ({"mix.ratio": "range(1,1)"}, "mix.ratio=range(1,1): there is nothing in it"),
        ({"llm": "glob(none*)"}, "llm=glob(none*): there is nothing in it"),
    ],
)
def test_params_that_name_no_level_are_refused(loader: ConfigLoader, params: dict[str, Any], message: str) -> None:
    """Nested keys are a mistake that YAML invites."""

    with pytest.raises(StudyError) as refused:
        read_overrides(params, [], loader, search=False)

    assert str(refused.value) == message


def test_conditions_name_a_factor_and_its_levels() -> None:
    """One level needs no list."""

    expected = Space((RATIO, LLM), {"llm": (Condition("mix.ratio", (0.5,)),)})

    assert make_space([LLM, RATIO], {"llm": {"mix.ratio": 0.5}}) == expected
    assert make_space([LLM, RATIO], {"llm": {"mix.ratio": [0.5]}}) == expected


@pytest.mark.parametrize(
    ("factors", "conditions", "message"),
    [
        ([LLM, LLM], {}, "llm: it is varied twice"),
        ([LLM], {"llm": ["mix.ratio"]}, "hydra.sweeper.conditions.llm must be {FACTOR: [LEVELS]}, got ['mix.ratio']"),
        ([LLM], {"llm": {"mix.ratio": 1}}, "hydra.sweeper.conditions.llm: mix.ratio is not a factor; the factors are llm"),
        ([LLM], {"prompt": {"llm": "a"}}, "hydra.sweeper.conditions.prompt: there is no such factor; the factors are llm"),
        ([LLM, RATIO], {"llm": {"mix.ratio": 2}}, "hydra.sweeper.conditions.llm: mix.ratio is never 2; it is choice(0, 0.5)"),
    ],
)
def test_a_space_that_cannot_be_is_refused(factors: list[Factor], conditions: dict[str, Any], message: str) -> None:
    """Such a factor could never act."""

    with pytest.raises(StudyError) as refused:
        make_space(factors, conditions)

    assert str(refused.value) == message


def test_a_computed_level_is_the_number_that_somebody_would_write(loader: ConfigLoader) -> None:
    """0.1 * 3 is 0.30000000000000004, on which no condition on 0.3 would act."""
    (factor,), _ = read_overrides({}, ["mix.ratio=range(0, 0.5, 0.1)"], loader, search=False)

    assert factor == Choice("mix.ratio", (0, 0.1, 0.2, 0.3, 0.4), ("0", "0.1", "0.2", "0.3", "0.4"))


@pytest.mark.parametrize(
    ("written", "key", "override"),
    [
        ("++mix.ratio", "mix.ratio", "++mix.ratio=0"),
        ("+training", "training", "+training=0"),
        ("llm@judge", "judge", "llm@judge=0"),
    ],
)
def test_a_factor_is_called_by_what_it_sets(loader: ConfigLoader, written: str, key: str, override: str) -> None:
    """However its override is written: a store takes no @ and no + in a name."""
    (factor,), _ = read_overrides({}, [f"{written}=0,1"], loader, search=False)

    assert factor.key == key
    assert Space((factor,)).overrides({key: 0}) == [override]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["mix.ratio=0,nan"], "mix.ratio=nan: a level must be a finite number"),
        (["mix.ratio=interval(0,nan)"], "mix.ratio=nan: a level must be a finite number"),
        (["mix.ratio=interval(0,inf)"], "mix.ratio=inf: a level must be a finite number"),
        (["mix.ratio=0,0.25", "mix.ratio=0.5"], "mix.ratio=0,0.25 and mix.ratio=0.5 set the same key: keep one of them"),
        (["mix.ratio=0.5", "++mix.ratio=0,1"], "mix.ratio=0.5 and ++mix.ratio=0,1 set the same key"),
        (["mix.ratio=0.25,'0.250'"], "mix.ratio=0.25,0.25: a level occurs twice"),
        (["mix.ratio=0.25,'nan'"], "mix.ratio=nan: a level must be a finite number"),
        (["training.epochs=3,'3'"], "training.epochs=3,'3': a level occurs twice"),
        (["training.match_steps=true,'true'"], "training.match_steps=True,'true': a level occurs twice"),
        (["llm.model=7,'7'"], "llm.model=7,'7': a level occurs twice"),
        (["study=a,b"], "study=a,b: study changes no number of a run, so a study cannot vary it"),
        (["replicates=2,3"], "replicates changes no number of a run"),
        (["tracking=local,none"], "tracking changes no number of a run"),
        (["training.threads=1,2"], "training.threads changes no number of a run"),
        (["force=true,false"], "force changes no number of a run"),
        (["sweeps=ci,demo"], "sweeps=ci,demo: each file of sweeps/ is a study of its own"),
    ],
)
def test_what_no_study_can_vary_is_refused(loader: ConfigLoader, given: list[str], message: str) -> None:
    with pytest.raises(StudyError) as error:
        read_overrides({}, given, loader, search=False)

    assert str(error.value).startswith(message) or message in str(error.value)
