"""What the declarations say of keys: the lists that a reader may hold against them."""

from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from support.builders import run_config
from synthsweep.config.acting import acting_values, acts_of, sections_of
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Acts, Section, key

KEYS = list(flat(plain(run_config())))


@dataclass(frozen=True)
class Heat(Section):
    section: ClassVar[str] = "heat"
    acts: ClassVar[Acts] = Acts.DEFINITION
    degrees: int = key(180, acts=Acts.NUMBERS)
    watts: int = 0


@dataclass(frozen=True)
class Recipe(Section):
    dish: str = "bread"
    cook: str = key("me", acts=Acts.NEVER)
    heat: Heat = field(default_factory=Heat)


@pytest.mark.parametrize(
    ("name", "acts"),
    [
        ("dish", Acts.NUMBERS),
        ("cook", Acts.NEVER),
        ("heat.degrees", Acts.NUMBERS),
        ("heat.degrees.inner", Acts.NUMBERS),
        ("heat.watts", Acts.DEFINITION),
        ("heat.of_another_version", Acts.DEFINITION),
        ("of_another_version.x", Acts.NUMBERS),
    ],
)
def test_a_key_counts_as_it_says_or_as_its_section_does(name: str, acts: Acts) -> None:
    assert acts_of(Recipe, name) == acts


def test_only_what_is_in_a_run_key_is_taken_from_a_section() -> None:
    """What is not given is null, so that a description in part has one key."""

    assert acting_values(Heat, {"degrees": 90, "watts": 5}) == {"degrees": 90}
    assert acting_values(Heat, {}) == {"degrees": None}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("recorded", ["kind", "model"]),
        ("simulator", ["kind", "model", "simulator"]),
        ("eda", ["kind", "rewriter"]),
        ("masked_lm", ["kind", "rewriter"]),
        ("union", ["kind"]),
        ("openai", ["kind", "model", "temperature", "top_p", "reasoning_effort", "reply_format"]),
        ("azure", ["kind", "model", "temperature", "top_p", "reasoning_effort", "reply_format"]),
    ],
)
def test_of_an_llm_the_keys_of_its_kind_act(kind: str, names: list[str]) -> None:
    """Where a server is, how it is paid and how fast it is asked changes no text."""

    assert list(acting_values(LlmConfig, {"kind": kind})) == names


def without(acts: Acts) -> set[str]:
    return {name for name in KEYS if acts not in acts_of(RunConfig, name)}


def below(*names: str) -> set[str]:
    return {key for key in KEYS if key.startswith(tuple(f"{name}." for name in names)) or key in names}


def test_a_study_goes_on_whatever_changes_no_number() -> None:
    """A budget, a permission, where a server is and what it costs are none of a study's business.

    What a search skips is in its definition beside the keys of its runs.
    """

    of_a_server = ("base_url", "api_key_env", "api_version", "provider", "token_limit_key", "free", "price_per_million")
    of_a_server += ("api", "headers", "forwards")
    hosted = [f"{section}.{name}" for section in ("llm", "judge", "classifier") for name in (*of_a_server, "batch_discount")]
    idle = ["tracking", "sweep", "objective", "study", "seed", "force", "replicates", "privacy", *hosted]
    idle += ["training.threads", "training.checkpoint"]

    assert without(Acts.DEFINITION) == below(*idle, "generate") - {"generate.n", "generate.max_words"}


def test_whatever_makes_another_run_makes_another_study() -> None:
    """Else a finished study would show numbers of a configuration that it did not run with."""

    assert without(Acts.DEFINITION) <= without(Acts.RUN_KEY)


def test_a_comparison_leaves_out_how_a_run_was_computed_and_measured() -> None:
    """Another device makes other last digits, but the same configuration."""

    assert without(Acts.COMPARISON) == without(Acts.DEFINITION) | {"characteristics.kind", "training.device"}


def test_sections_of_synthetic_texts_are_marked() -> None:
    marked = {name for name, section in sections_of(RunConfig).items() if section.of_synthetic}

    assert marked == {
        "llm", "prompt", "generate", "plant", "curation", "judge", "select", "mix", "characteristics",
    }  # fmt: skip
