import re
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from support.builders import run_config
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import EvaluationConfig
from synthsweep.config.rules import MAX_SEED, Section
from synthsweep.config.verbs import ROOTS
from synthsweep.errors import ConfigError

IDS_RULE = (
    "labels.ids must be letters, digits, '_', '-', '.' and inner spaces, at most 200, and none of all criteria, macro, micro, "
    "undefined, weighted; got {}: rename the column or label (labels.names says what reports show), or name the others in "
    "labels.ids"
)
ONE_SOURCE = "data=csv needs either data.path or data.files.train (and dev, test), one of the two"
NO_PASSWORD = "llm.base_url must hold no user, password or query: name a variable in api_key_env instead"
NO_FILE = "data.path and data.files need data=csv, jsonl, parquet or hub; data=demo reads no file"
HTTP = "tracking.uri must be an http:// or https:// address for tracking=server, got {}: set tracking.uri=http://127.0.0.1:5000"

THRESHOLD = (
    "evaluation.threshold must be a number in [0, 1], dev_fB (as dev_f1, dev_f2), dev_recall>=R, dev_precision>=P "
    "(R and P in (0, 1]) or fn=COST,fp=COST (above 0), got {}"
)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("mix.ratio=-1", "mix.ratio must be in [0, 10], got -1.0: synthetic texts for each real one"),
        ("mix.ratio=10.5", "mix.ratio must be in [0, 10], got 10.5"),
        ("mix.ratio=nan", "mix.ratio must be in [0, 10], got nan"),
        (
            "mix.arm=both",
            "mix.arm must be one of real_only, more_real, duplicate_real, augment, target, prevalence_matched, size_matched, "
            "shuffled_labels, synthetic_only; got both",
        ),
        ("training.epochs=0", "training.epochs must be in [1, 10000], got 0"),
        ("training.learning_rate=inf", "training.learning_rate must be in (0, 1], got inf"),
        ("training.dropout=1", "training.dropout must be in [0, 1), got 1.0"),
        ("training.scheduler=cosin", "training.scheduler must be one of linear, cosine, constant; got cosin"),
        ("training.max_grad_norm=0", "training.max_grad_norm must be above 0, got 0.0"),
        ("generate.n=0", "generate.n must be at least 1, got 0"),
        ("seeds.init=4294967296", f"seeds.init must be in [0, {MAX_SEED}], got 4294967296"),
        ("llm.simulator.diversity=0", "llm.simulator.diversity must be in (0, 1], got 0.0"),
        ("llm=simulator llm.path=x", "llm.path needs llm=recorded, got llm=simulator: it reads replies from a file"),
        (
            "llm=simulator llm.model=x",
            "llm.model names who wrote the texts of llm.path, got x without a file: llm=simulator asks no",
        ),
        ("llm=gpt-4o-mini llm.path=x", "llm.path needs llm=recorded, got llm=openai: it reads replies from a file"),
        ("llm=gpt-4o-mini llm.model=''", "llm.model must name the LLM that llm=gpt-4o-mini asks for, got nothing"),
        ("llm=gpt-4o-mini llm.base_url=host:80", "llm.base_url must be an http:// or https:// address, got host:80: as http"),
        ("llm=gpt-4o-mini llm.base_url=null", "llm.base_url must be an http:// or https:// address, got None"),
        ("llm=gpt-4o-mini llm.base_url=http://me:secret@host/v1", NO_PASSWORD),
        ("llm=gpt-4o-mini llm.base_url='http://host/v1?key=secret'", NO_PASSWORD),
        (
            "llm=gpt-4o-mini llm.api_key_env=sk-secret",
            "llm.api_key_env must be the name of an environment variable, not the key itself",
        ),
        (
            "llm=azure llm.model=x llm.base_url=https://host llm.api_version=null",
            "llm.api_version must be given for kind=azure, got nothing: as 2024-10-21",
        ),
        (
            "llm=gpt-4o-mini llm.price_per_million.input=1",
            "llm.price_per_million.input and llm.price_per_million.output must both",
        ),
        ("llm=gpt-4o-mini llm.temperature=2.5", "llm.temperature must be in [0, 2], got 2.5"),
        (
            "llm=gpt-4o-mini llm.reply_format=xml",
            "llm.reply_format must be one of json_schema, json_object, json, list; got xml",
        ),
        ("prompt.labels=all", "prompt.labels must be one of asked, reply, none, source; got all"),
        ("prompt.per_request=0", "prompt.per_request must be in [1, 100], got 0"),
        ("generate.max_usd=-1", "generate.max_usd must be at least 0, got -1.0"),
        (
            "llm=simulator prompt=negative",
            "prompt=negative needs an LLM, got llm=simulator, which recombines texts of the asked",
        ),
        ("llm=simulator prompt=multilabel", "prompt=multilabel needs an LLM, got llm=simulator, which recombines texts of"),
        ("llm=simulator prompt=rewrite", "prompt=rewrite needs an LLM, got llm=simulator"),
        ("labels.ids=[A,A]", "labels.ids must be different from each other, got 'A' twice"),
        ("labels.ids=[A,macro]", IDS_RULE.format("'macro'")),
        ("labels.ids=[a/b]", IDS_RULE.format("'a/b'")),
        ("labels.ids=[]", "labels.ids must name at least one label"),
        ("data.kind=xml", "data.kind must be one of demo, csv, jsonl, parquet, hub; got xml"),
        ("data=csv", ONE_SOURCE),
        ("data=csv data.path=a.csv data.files.train=b.csv", ONE_SOURCE),
        ("data=csv data.files.dev=b.csv", "data.files.train must be set where data.files.dev or data.files.test is"),
        ("data.path=a.csv", NO_FILE),
        ("data.files.test=a.csv", NO_FILE),
        (
            "data=csv data.path=a.csv data.group=text",
            "data.text, data.id, data.group and data.label_column must differ, got text, text",
        ),
        ("data.dev_share=nan", "data.dev_share must be in (0, 1), got nan"),
        (
            "data.dev_share=0.6 data.test_share=0.5",
            "data.dev_share + data.test_share must be below 1, got 1.1: nothing is left to train on",
        ),
        (
            "prompt=attributed prompt.attributes.age=[]",
            "prompt.attributes.age must hold at least one value to draw from, got []",
        ),
        ("evaluation.threshold=best", THRESHOLD.format("best")),
        ("evaluation.threshold=1.01", THRESHOLD.format("1.01")),
        ("evaluation.threshold=nan", THRESHOLD.format("nan")),
        ("tracking=server", HTTP.format("None")),
        ("tracking=server tracking.uri=mlruns", HTTP.format("mlruns")),
        ("tracking.experiment=''", "tracking.experiment must not be empty"),
    ],
)
def test_a_value_that_breaks_a_rule_gives_one_line_with_its_way_out(overrides: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}") as refused:
        run_config(*overrides.split())
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "overrides",
    [
        "mix.ratio=0 mix=synthetic_only",
        "mix.ratio=10",
        "seed=0",
        f"seed={MAX_SEED}",
        "data=csv data.path=a.csv",
        "data=jsonl data.files.train=a.jsonl data.files.test=b.jsonl",
        "data=csv data.path=a.csv data.id=number data.group=child data.label_column=tags",
        "training.dropout=0",
        "evaluation.threshold=0",
        "evaluation.threshold=1",
        "tracking=server tracking.uri=https://host",
        "tracking.uri=postgresql://host/db",
        "generate.n=1",
        "generate.max_usd=0 generate.max_words=0",
        "llm=simulator prompt=attributed",
        "llm=ollama llm.model=llama3 llm.reply_format=list prompt=rewrite",
        "llm=gpt-4o-mini llm.price_per_million.input=0 llm.price_per_million.output=0 llm.api_key_env=null",
    ],
)
def test_what_keeps_the_rules_is_taken(overrides: str) -> None:
    """The bounds themselves, and each way to name the data."""

    assert isinstance(run_config(*overrides.split()), RunConfig)


@pytest.mark.parametrize(("given", "kept"), [("dev_f1", "dev_f1"), ("0.3", 0.3), ("1", 1)])
def test_a_threshold_is_a_word_or_a_number(given: str, kept: str | float) -> None:
    assert run_config(f"evaluation.threshold={given}").evaluation.threshold == kept


def test_every_seed_follows_the_one_that_is_given() -> None:
    """A part can be fixed apart from the others."""

    seeds = run_config("seed=7", "seeds.init=3").seeds

    assert (seeds.subset, seeds.draw, seeds.init, seeds.order) == (7, 7, 3, 7)


def test_a_key_in_the_place_of_its_variables_name_is_not_repeated() -> None:
    """Messages end up in logs."""

    for override in ("llm.api_key_env=sk-secret", "llm.base_url=http://me:secret@host", "llm.base_url=ftp://me:secret@host"):
        with pytest.raises(ConfigError) as refused:
            run_config("llm=gpt-4o-mini", override)
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("overrides", "hosted", "form", "answerers"),
    [
        ("llm=recorded", False, "list", ()),
        ("llm=simulator", False, "list", ()),
        ("llm=gpt-4o-mini", True, "json", ("gpt-4o-mini",)),
        ("llm=gpt-4o-mini llm.reply_format=list llm.answers_as=[gpt-5]", True, "list", ("gpt-5*",)),
        ("llm=azure llm.model=mine llm.base_url=https://host", True, "json", ()),
        ("llm=both", False, "list", ("gpt-3.5-turbo", "gpt-4")),
        ("llm=both llm.members.second.model=gpt-4.1", False, "list", ("gpt-3.5-turbo", "gpt-4.1")),
        ("llm=both +llm.members.second.answers_as=[o3,gpt-5]", False, "list", ("gpt-3.5-turbo", "o3*", "gpt-5*")),
        ("llm=both llm.members.second.kind=azure", False, "list", ()),
        ("llm=both llm.members.second.kind=eda", False, "list", ("gpt-3.5-turbo",)),
        ("llm=demo_both", False, "list", ()),
        (
            "llm=demo_both +llm.members.third={kind:union,members:{a:{kind:openai,model:m},b:{}}}",
            False,
            "list",
            ("m",),
        ),
    ],
)
def test_what_follows_from_the_kind_of_an_llm(overrides: str, hosted: bool, form: str, answerers: tuple[str, ...]) -> None:
    """Only a server is asked for a reply in JSON, and only a reply that names its model can be checked for it."""

    llm = run_config(*overrides.split()).llm

    assert (llm.hosted, llm.reply_form, llm.answerers) == (hosted, form, answerers)


def sections(root: type[Any], prefix: str = "") -> list[tuple[str, type[Section]]]:
    found: list[tuple[str, type[Section]]] = []
    for item in fields(root):
        made = item.default_factory() if callable(item.default_factory) else None
        if is_dataclass(made):
            found += [(f"{prefix}{item.name}", type(made)), *sections(type(made), f"{prefix}{item.name}.")]
    return found


@pytest.mark.parametrize(("path", "section"), [pair for root in ROOTS.values() for pair in sections(root)])
def test_a_section_is_called_what_its_key_is_called(path: str, section: type[Section]) -> None:
    """Errors name keys by it: a wrong name would send the user to a key that does not exist."""

    # The judge and the classifier are LLMs like the one that writes: their parts are called what its are.
    assert path in {section.section, *(section.section.replace("llm.", f"{name}.") for name in ("judge", "classifier"))}


def test_the_defaults_keep_the_rules() -> None:
    """A configuration can be made in a script, without Hydra."""

    assert [root.__name__ for root in ROOTS.values()] == [type(root()).__name__ for root in ROOTS.values()]
    assert EvaluationConfig().threshold == "dev_f1"
