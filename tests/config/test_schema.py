import re
from dataclasses import fields, is_dataclass

import pytest

from builders import run_config
from synthsweep.config.roots import ROOTS
from synthsweep.config.schema import MAX_SEED, EvaluationConfig, RunConfig
from synthsweep.errors import ConfigError

IDS_RULE = (
    "labels.ids must be letters, digits, '_', '-', '.' and inner spaces, and none of macro, micro, undefined, weighted; "
    "got {}: rename that column or label"
)
ONE_SOURCE = "data=csv needs either data.path or data.files.train (and dev, test), one of the two"
NO_FILE = "data.path and data.files need data=csv, jsonl, parquet or hub; data=demo reads no file"
HTTP = "tracking.uri must be an http:// or https:// address for tracking=server, got {}: set tracking.uri=http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("mix.ratio=-1", "mix.ratio must be in [0, 10], got -1.0"),
        ("mix.ratio=10.5", "mix.ratio must be in [0, 10], got 10.5"),
        ("mix.ratio=nan", "mix.ratio must be in [0, 10], got nan"),
        ("mix.arm=both", "mix.arm must be one of real_only, augment, synthetic_only; got both"),
        ("training.epochs=0", "training.epochs must be in [1, 10000], got 0"),
        ("training.learning_rate=inf", "training.learning_rate must be in (0, 1], got inf"),
        ("training.dropout=1", "training.dropout must be in [0, 1), got 1.0"),
        ("training.scheduler=cosin", "training.scheduler must be one of linear, cosine, constant; got cosin"),
        ("training.max_grad_norm=0", "training.max_grad_norm must be above 0, got 0.0"),
        ("generate.n=0", "generate.n must be at least 1, got 0"),
        ("seeds.init=4294967296", f"seeds.init must be in [0, {MAX_SEED}], got 4294967296"),
        ("llm.simulator.diversity=0", "llm.simulator.diversity must be in (0, 1], got 0.0"),
        ("llm=simulator llm.path=x", "llm.path needs llm=recorded, got llm=simulator: it reads replies from a file"),
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
        ("evaluation.threshold=best", "evaluation.threshold must be dev_f1 or a number in [0, 1], got best"),
        ("evaluation.threshold=1.01", "evaluation.threshold must be dev_f1 or a number in [0, 1], got 1.01"),
        ("evaluation.threshold=nan", "evaluation.threshold must be dev_f1 or a number in [0, 1], got nan"),
        ("tracking=server", HTTP.format("None")),
        ("tracking=server tracking.uri=mlruns", HTTP.format("mlruns")),
        ("tracking.experiment=''", "tracking.experiment must not be empty"),
    ],
)
def test_a_value_that_keeps_no_rule_gives_one_line_with_its_way_out(overrides, message):
    """Field, rule, value: before anything is read or imported."""

    with pytest.raises(ConfigError, match=f"^{re.escape(message)}") as refused:
        run_config(*overrides.split())
    assert 1 == len(str(refused.value).splitlines())


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
    ],
)
def test_what_keeps_the_rules_is_taken(overrides):
    """The bounds themselves, and each way to name the data."""

    assert isinstance(run_config(*overrides.split()), RunConfig)


@pytest.mark.parametrize(("given", "kept"), [("dev_f1", "dev_f1"), ("0.3", 0.3), ("1", 1)])
def test_a_threshold_is_a_word_or_a_number(given, kept):
    """Both come in through one key."""

    assert kept == run_config(f"evaluation.threshold={given}").evaluation.threshold


def test_every_seed_follows_the_one_that_is_given():
    """A part can be fixed apart from the others."""

    seeds = run_config("seed=7", "seeds.init=3").seeds

    assert (7, 7, 3, 7) == (seeds.subset, seeds.draw, seeds.init, seeds.order)


def sections(root: type, prefix: str = "") -> list[tuple[str, type]]:
    found = []
    for item in fields(root):
        made = item.default_factory() if callable(item.default_factory) else None
        if is_dataclass(made):
            found += [(f"{prefix}{item.name}", type(made)), *sections(type(made), f"{prefix}{item.name}.")]
    return found


@pytest.mark.parametrize(("path", "section"), [pair for root in ROOTS.values() for pair in sections(root)])
def test_a_section_is_called_what_its_key_is_called(path, section):
    """Errors name keys by it: a wrong one would send the user to a key that is not there."""

    assert path == section.section


def test_the_schemas_own_defaults_keep_the_rules():
    """A configuration can be made in a script, without Hydra."""

    assert [root.__name__ for root in ROOTS.values()] == [type(root()).__name__ for root in ROOTS.values()]
    assert "dev_f1" == EvaluationConfig().threshold
