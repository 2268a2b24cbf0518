"""How the rule of a threshold is written, and what is refused."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from support.builders import run_config
from synthsweep.config.keys.training import EvaluationConfig
from synthsweep.config.thresholds import in_grammar, require_labels, threshold_rules
from synthsweep.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("dev_f1", "dev_f1"),
        ("dev_f2.0", "dev_f2"),
        ("dev_f.5", "dev_f0.5"),
        ("dev_recall>=0.90", "dev_recall>=0.9"),
        ("dev_precision@0.8", "dev_precision>=0.8"),
        ("fp=1,fn=5", "fn=5,fp=1"),
        ("fn=5, fp=1.0", "fn=5,fp=1"),
        (0.5, "0.5"),
        (1, "1.0"),
        (1e-05, "1e-05"),
        ("0.25", "0.25"),
        ({"B": 0.3, "A": "dev_f2"}, "{A: dev_f2, B: 0.3, default: dev_f1}"),
        ({1: 0.3, "default": 0.5}, "{1: 0.3, default: 0.5}"),
        ({"A": "dev_f2", "default": "dev_f2.0"}, "dev_f2"),
    ],
)
def test_one_rule_has_one_spelling(written: object, kept: str) -> None:
    """So that two ways of writing it make one run key."""
    assert str(threshold_rules(written)) == kept


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("f1", "write dev_f1"),
        ("dev_recall>=90", "write dev_recall>=0.9 for 90 %"),
        ("dev_recall>0.9", "write dev_recall>=0.9"),
        ("recall>=0.9", "write dev_recall>=0.9"),
        (50, "write 0.5 for 50 %"),
        (-0.1, "got -0.1"),
        ("dev_f0", "got dev_f0"),
        ("dev_recall>=0", "got dev_recall>=0"),
        ("fn=5,fn=1", "got fn=5,fn=1"),
        ("fn=0,fp=1", "got fn=0,fp=1"),
        ("nan", "got nan"),
        (float("nan"), "got nan"),
        (True, "got True"),
        (None, "got None"),
        ([0.5], "got \\[0.5\\]"),
        ({}, "must name at least one label"),
        ({"A": [0.5]}, "evaluation.threshold.A must be"),
        ({"A": {"B": 0.5}}, "evaluation.threshold.A must be"),
        ({True: 0.5}, "a label must be text, got True"),
    ],
)
def test_anything_else_is_refused_with_the_way_out(written: object, said: str) -> None:
    """One line names the key, the rule and the value."""
    with pytest.raises(ConfigError, match=said):
        EvaluationConfig(threshold=written)


def test_a_label_that_there_is_not_is_refused() -> None:
    """A slip in a label's name would leave that label at the rule of the others."""
    with pytest.raises(ConfigError, match="there is no label C; there are A, B, and default for the others"):
        require_labels({"A": 0.5, "C": 0.5}, ["A", "B"])
    with pytest.raises(ConfigError, match="a label has this name"):
        require_labels({"default": 0.5}, ["default"])
    require_labels({"A": 0.5, "default": 0.1}, ["A", "B"])


@pytest.mark.parametrize(
    ("override", "values"),
    [
        ("evaluation.threshold=dev_recall>=0.9", ["dev_recall>=0.9"]),
        ("evaluation.threshold=fn=5,fp=1", ["fn=5,fp=1"]),
        ("evaluation.threshold=dev_f1,dev_recall>=0.9,fn=5,fp=1,0.5", ["dev_f1", "dev_recall>=0.9", "fn=5,fp=1", 0.5]),
        ("compare.threshold={A: dev_precision>=0.8, default: 0.5}", [{"A": "dev_precision>=0.8", "default": 0.5}]),
        ("evaluation.threshold='dev_recall>=0.9'", ["dev_recall>=0.9"]),
        ("+evaluation.threshold=dev_recall@0.9", ["dev_recall@0.9"]),
        ("evaluation.threshold=dev_f1,0.5", ["dev_f1", 0.5]),
    ],
)
def test_a_rule_needs_no_quotes_of_hydras(override: str, values: list[object]) -> None:
    """Its grammar stops at > and takes a comma for the next level."""
    read = OverridesParser.create().parse_override(in_grammar(override))
    found = list(read.sweep_iterator()) if read.is_sweep_override() else [read.value()]

    assert [getattr(value, "text", value) for value in found] == values


@pytest.mark.parametrize("override", ["llm.model=a>=b", "study=fn=5", "evaluation.calibration_bins=3"])
def test_other_overrides_stay_as_they_are(override: str) -> None:
    """Hydra alone says what they mean."""
    assert in_grammar(override) == override


def test_a_mapping_is_composed_and_checked_against_the_labels_of_the_configuration() -> None:
    """Before any text is read."""
    found = run_config("labels.ids=[A1,A2]", "evaluation.threshold={A1: 0.3, A2: dev_f2}")
    assert found.evaluation.threshold == {"A1": 0.3, "A2": "dev_f2"}

    with pytest.raises(ConfigError, match="there is no label A9"):
        run_config("labels.ids=[A1,A2]", "evaluation.threshold={A9: 0.3}")
