"""What an audit gives a tracker."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name

from support import findings
from synthsweep.audit.items import RIGHT, WRONG, Answer
from synthsweep.audit.report.metrics import legal_names, metrics
from synthsweep.audit.stats.findings import Findings, compute_findings
from synthsweep.examples import Criterion, LabelSet

SMALL = findings.counts({("x", "p", "A1"): (9, 1), ("a/b@c", "p", "A1"): (0, 0)}, unread=1)


def test_shares_are_logged_with_their_intervals() -> None:
    """Of all, and of each LLM; a prompt that is the only one says no more than the whole."""
    found = {name: round(value, 3) for name, value in metrics(SMALL).items()}

    assert found == {
        "audit/correctness/all": 0.9, "audit/correctness/all/low": 0.596, "audit/correctness/all/high": 0.982,
        "audit/correctness/llm/x": 0.9, "audit/correctness/llm/x/low": 0.596, "audit/correctness/llm/x/high": 0.982,
        "audit/omission/all": 0.0, "audit/omission/all/low": 0.0, "audit/omission/all/high": 0.278,
        "audit/omission/llm/x": 0.0, "audit/omission/llm/x/low": 0.0, "audit/omission/llm/x/high": 0.278,
        "audit/answers": 10.0, "audit/raters": 1.0, "audit/open": 2.0,
    }  # fmt: skip


def test_what_is_undefined_is_left_out() -> None:
    """Never 0."""

    assert metrics(findings.empty()) == {"audit/answers": 0.0, "audit/raters": 0.0, "audit/open": 140.0}


def test_everything_that_can_be_known_is_logged() -> None:
    """A judge, two raters, controls."""
    found = metrics(findings.full())
    some = {"audit/powered/all/low", "audit/powered/criterion/A1", "audit/alpha/all", "audit/alpha/A1", "audit/kappa/B2",
            "audit/controls/planted", "audit/controls/real", "audit/omission/prompt/plain",
            "audit/correctness/llm/meta_llama-3.1:8b/high"}  # fmt: skip

    assert some - set(found) == set()


@pytest.mark.parametrize("made", [findings.full, findings.many])
def test_a_tracker_takes_every_name(made: Callable[[], Findings]) -> None:
    """Names of LLMs hold slashes and other signs."""
    names = list(metrics(made()))

    assert [_validate_metric_name(name) for name in names] == [None] * len(names)


def test_a_criterion_called_all_is_not_the_whole() -> None:
    """Its agreement has another name."""
    labels = LabelSet("odd", (Criterion("all"), Criterion("A1")))
    items = [findings.item(name, label, labels=(label,)) for name, label in (("a", "all"), ("b", "all"), ("c", "A1"))]
    audit = replace(findings.of_items(items, []).audit, labels=labels)
    verdicts = {"Anna": (RIGHT, WRONG, RIGHT), "Ben": (RIGHT, WRONG, WRONG)}
    answers = [Answer(one.id, rater, word) for rater, of in verdicts.items() for one, word in zip(items, of, strict=True)]
    found: Mapping[str, float] = metrics(compute_findings(audit, answers))
    alphas = {name: round(value, 2) for name, value in found.items() if name.startswith("audit/alpha/all")}

    assert sorted(alphas.values()) == [0.44, 1.0]
    assert alphas["audit/alpha/all"] == 0.44


@given(st.lists(st.text(max_size=150), unique=True, max_size=8))
def test_names_stay_different(names: list[str]) -> None:
    """Whatever signs they hold, and however long they are."""
    legal = legal_names(names, taken=["all"])

    assert len(set(legal.values()) - {"all"}) == len(names)
    paths = [f"audit/correctness/criterion/{name}/low" for name in legal.values()]
    assert [_validate_metric_name(path) for path in paths] == [None] * len(names)
