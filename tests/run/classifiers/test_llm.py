"""An LLM as the classifier, against a server on loopback that answers by a rule with planted errors."""

import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet
import pytest
from sklearn.metrics import average_precision_score, precision_score, recall_score

from support.builders import AB_CSV, run_config
from support.llm_server import Llm, Reply, completion, serving
from synthsweep.errors import CompletionError, ConfigError, PoolError, PrivacyError
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.study.forecast import forecast
from synthsweep.track.writer import RecordingTracker

DATA = ("data=csv", "data.path=ab.csv", "data.text=text", "data.id=id", "labels=from_data", "labels.ids=[A,B]", "mix=real_only")
LLM = ("model=llm", "llm@classifier=vllm", "classifier.model=m", "evaluation.threshold=0.5", "tracking.figures=false")
# A dollar a million tokens: an answer of the test server costs $0.0005.
PRICED = (
    "classifier.price_per_million.input=1", "classifier.price_per_million.output=1", "classifier.free=false",
    "generate.max_usd=1",
)  # fmt: skip


@pytest.fixture(autouse=True)
def corpus(own_folder: Path) -> None:
    (own_folder / "ab.csv").write_text(AB_CSV)


def number_of(asked: dict[str, Any]) -> int:
    return int(re.findall(r"sentence number (\d+)", asked["messages"][-1]["content"])[-1])


def rule(number: int) -> dict[str, int]:
    """The truth is i % 2 and i % 3 == 0; A is wrong for every seventh text, B for every fifth."""
    return {"A": int((number % 2 == 1) != (number % 7 == 0)), "B": int((number % 3 == 0) != (number % 5 == 0))}


def by_rule(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    labels = [label for label, present in rule(number_of(asked)).items() if present]
    return Reply(body=completion(asked, json.dumps({"labels": labels})))


def run(llm: Llm, *overrides: str) -> tuple[RecordingTracker, RunResult]:
    tracker = RecordingTracker()
    return tracker, run_experiment(run_config(*DATA, *LLM, f"classifier.base_url={llm.address}", *overrides), tracker)


def test_its_metrics_are_those_of_the_rule_that_answers() -> None:
    """Each text is asked about once, and what it cost stands beside its scores."""
    with serving(by_rule) as llm:
        tracker, result = run(llm, *PRICED)
        run(llm, *PRICED)
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    test = table[table["split"] == "test"]

    for label in ("A", "B"):
        expected = [rule(int(ident))[label] for ident in test["id"]]
        truth = test[f"truth/{label}"]
        assert test[f"probability/{label}"].tolist() == expected
        assert expected != truth.tolist()
        assert result.metrics[f"test/precision/{label}"] == pytest.approx(precision_score(truth, expected))
        assert result.metrics[f"test/recall/{label}"] == pytest.approx(recall_score(truth, expected))
        assert result.metrics[f"test/average_precision/{label}"] == pytest.approx(average_precision_score(truth, expected))
    # A second run finds all answers in the store.
    assert len(llm.requests) == len(table)
    assert result.counts["cost/usd"] == pytest.approx(len(table) * 0.0005)
    assert result.counts["cost/usd_per_1000"] == pytest.approx(0.5)
    assert result.counts["time/s_per_1000"] > 0


def test_probabilities_are_shares_of_the_usable_answers() -> None:
    """Of three answers one is of no use, one names A, and one names nothing."""
    replies = ['{"labels": ["A"]}', "I would rather not.", '{"labels": []}']
    with serving(lambda llm, number, asked: Reply(body=completion(asked, replies[number % 3]))) as llm:
        tracker, _ = run(llm, "model.answers=3", "generate.concurrency=1")
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()

    assert set(table["probability/A"]) == {0.5}
    assert set(table["probability/B"]) == {0.0}


def planted(number: int) -> dict[str, float]:
    """The probability of each label of a text, which follows its number and is right for most."""
    return {"A": 0.06 + 0.8 * (number % 2) + 0.001 * (number % 50), "B": 0.1 + 0.6 * (number % 3 == 0) + 0.002 * (number % 80)}


def by_tokens(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    """Yes or no of each label, with blanks and quotation marks in their tokens, and the alternatives of the answers."""
    content: list[dict[str, Any]] = [{"token": "{", "logprob": 0.0, "top_logprobs": []}]
    for label, probability in planted(number_of(asked)).items():
        split = {' "yes': 0.75 * probability, " Yes": 0.25 * probability, ' "no': 1 - probability}
        top = [{"token": token, "logprob": math.log(0.9 * share)} for token, share in split.items()]
        top.append({"token": " maybe", "logprob": math.log(0.1)})
        said = ' "yes' if probability > 0.5 else ' "no'
        content += [{"token": part, "logprob": -0.1, "top_logprobs": []} for part in ('"', label, '":')]
        content += [{"token": said, "logprob": math.log(0.9 * split[said]), "top_logprobs": top}]
        content += [{"token": part, "logprob": -0.1, "top_logprobs": []} for part in ('",' if label == "A" else '"}',)]
    text = "".join(one["token"] for one in content)
    asks = asked.get("logprobs") is True and asked.get("top_logprobs") == 20
    return Reply(body=completion(asked, text, choices=None) | {"choices": [{
        "index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop",
        "logprobs": {"content": content} if asks else None,
    }]})  # fmt: skip


def test_token_probabilities_are_the_softmax_over_yes_and_no() -> None:
    """At the place of each label's answer, whatever else its token could have been; each text is asked about once."""
    with serving(by_tokens) as llm:
        tracker, result = run(llm, "model.probabilities=logprobs", *PRICED)
        run(llm, "model.probabilities=logprobs", *PRICED)
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    test = table[table["split"] == "test"]

    for label in ("A", "B"):
        expected = [planted(int(ident))[label] for ident in test["id"]]
        assert test[f"probability/{label}"].tolist() == pytest.approx(expected)
        precision = average_precision_score(test[f"truth/{label}"], expected)
        assert result.metrics[f"test/average_precision/{label}"] == pytest.approx(precision)
    assert len(llm.requests) == len(table)
    assert '{"A": "yes or no", "B": "yes or no"}' in llm.requests[0]["messages"][-1]["content"]


def test_of_exclusive_classes_token_probabilities_sum_to_one(own_folder: Path) -> None:
    """Each class is asked for alone; examples are shown in the form that is asked for."""
    rows = [f"{i},sentence number {i} of somebody,{1 - i % 2},{i % 2}" for i in range(60)]
    (own_folder / "one.csv").write_text("\n".join(["id,text,A,B", *rows]))
    one = ("data.path=one.csv", "labels.kind=single", "model.exemplars=1", "evaluation.threshold=dev_f1")
    with serving(by_tokens) as llm:
        tracker, _ = run(llm, "model.probabilities=logprobs", *one)
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    test = table[table["split"] == "test"]

    for ident, a in zip(test["id"], test["probability/A"], strict=True):
        chances = planted(int(ident))
        assert a == pytest.approx(chances["A"] / (chances["A"] + chances["B"]))
    assert '{"A": "yes", "B": "no"}' in llm.requests[0]["messages"][-1]["content"]


def test_a_server_without_log_probabilities_is_said_after_one_request() -> None:
    """The field, what came and the way out in one line."""
    with (
        serving(by_rule) as llm,
        pytest.raises(
            CompletionError, match=r"model\.probabilities=logprobs needs .* without them: model\.probabilities=shares"
        ),
    ):
        run(llm, "model.probabilities=logprobs", *PRICED)

    assert len(llm.requests) == 1


def test_a_server_that_refuses_log_probabilities_says_so_in_one_line() -> None:
    """Fewer alternatives are tried once; the format of the answer is not blamed."""
    said = {"error": {"message": "This model does not support logprobs and top_logprobs.", "type": "invalid_request_error"}}
    with (
        serving(lambda *asked: Reply(400, said)) as llm,
        pytest.raises(CompletionError, match=r"model\.probabilities=shares asks"),
    ):
        run(llm, "model.probabilities=logprobs")

    assert [one.get("top_logprobs") for one in llm.requests] == [20, 5]


@pytest.mark.slow
def test_few_shot_shows_training_texts_with_their_labels_and_none_of_dev_or_test() -> None:
    """The same ones in each question, drawn by the seed."""
    with serving(by_rule) as llm:
        tracker, _ = run(llm, "model.exemplars=2")
        first = [one["messages"][-1]["content"] for one in llm.requests]
        run(llm, "model.exemplars=2", "seeds.draw=7")
    table = pyarrow.parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    shown = {tuple(re.findall(r"sentence number (\d+)", text)[:-1]) for text in first}

    assert len(shown) == 1
    assert 2 <= len(next(iter(shown))) <= 4
    assert not set(next(iter(shown))) & set(table["id"])
    assert len(llm.requests) == 2 * len(first)


def test_a_dry_run_counts_what_it_would_ask_and_asks_nothing() -> None:
    with serving(by_rule) as llm:
        config = run_config(*DATA, *LLM, *PRICED, f"classifier.base_url={llm.address}")
        found = forecast([config], None)

    assert [(pool.name, pool.unit, pool.kept) for pool in found.pools] == [("m classifies", "answers", 0)]
    assert (found.steps, found.usual.requests, len(llm.requests)) == (0, found.pools[0].wanted, 0)
    assert found.usual.usd > 0


def test_real_texts_stay_on_this_machine_unless_a_key_allows_it() -> None:
    """Before anything is sent; a gateway on loopback may pass them on."""
    tracker = RecordingTracker()
    with serving(by_rule) as llm:
        config = run_config(*DATA, *LLM, f"classifier.base_url={llm.address}", "classifier.forwards=true")
        with pytest.raises(PrivacyError, match=r"dev and test, which are real.*privacy\.allow_real_text=true"):
            run_experiment(config, tracker)
        assert (len(llm.requests), tracker.run) == (0, None)
        run(llm, "classifier.forwards=true", "privacy.allow_real_text=true")
        assert llm.requests


def test_the_cap_holds_and_no_run_is_opened() -> None:
    with serving(by_rule) as llm, pytest.raises(PoolError, match=r"generate\.max_usd=0\.003 is used up"):
        run(llm, *PRICED, "generate.max_usd=0.003", "generate.concurrency=1")

    assert 0 < len(llm.requests) <= 6


def test_an_llm_without_a_usable_answer_is_an_error() -> None:
    def refusing(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        return Reply(body=completion(asked, "I would rather not."))

    with serving(refusing) as llm, pytest.raises(CompletionError, match="20 replies gave nothing that can be used"):
        run(llm)


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["model=llm"], "llm@classifier"),
        ([*LLM, "mix=augment"], "mix"),
        (["model.answers=3"], "model.answers"),
        ([*LLM, "model.pooling=cls"], "model.pooling"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(overrides: list[str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        run_config("mix=real_only", *overrides)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("probabilities", "answering"), [("shares", by_rule), ("logprobs", by_tokens)])
def test_a_kill_loses_no_answer_and_the_same_command_asks_for_the_rest(
    own_folder: Path, probabilities: str, answering: Callable[..., Reply]
) -> None:
    """Each answer is asked for once, but for those on the wire at the kill."""
    with serving(answering, latency=0.5) as llm:
        overrides = [*DATA, *LLM, f"classifier.base_url={llm.address}", "generate.concurrency=2"]
        overrides += [f"model.probabilities={probabilities}"]
        command = [sys.executable, "-m", "synthsweep", "run", *overrides]
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(llm.answered) < 6:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        before = len(llm.answered)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    needed = len(set(llm.answered))

    assert before < needed
    assert "test" in done.stdout
    assert needed <= len(llm.requests) <= needed + 8


@pytest.mark.slow
def test_a_study_holds_it_beside_a_trained_classifier(own_folder: Path) -> None:
    """With what each takes to classify texts; the kept answers are the same with every seed, and each was asked for once."""
    with serving(by_rule) as llm:
        given = [*DATA, "llm@classifier=vllm", "classifier.model=m", f"classifier.base_url={llm.address}", *PRICED]
        study = ["-m", "study=asked", "model=llm,tfidf", "replicates=2", "tracking.figures=false", *given]
        command = [sys.executable, "-m", "synthsweep"]
        subprocess.run([*command, "run", *study], capture_output=True, text=True, check=True)
        compare = [*command, "compare", "study=asked", "baseline=model:tfidf"]
        said = subprocess.run(compare, capture_output=True, text=True, check=True).stdout
    table = pandas.read_csv(next(own_folder.glob("mlruns/reports/asked/**/tables/facts.csv")))

    assert len(llm.requests) == len({one["messages"][-1]["content"] for one in llm.requests})
    (takes,) = re.findall(r"To classify 1,000 texts takes (.*)\.", said)
    assert re.search(r"\$0\.50 and \S+ s with model=llm", takes)
    assert re.search(r"(^|, )[\d.]+ s with model=tfidf", takes)
    (same,) = re.findall(r"no seed changes the predictions of (.*): further", said)
    assert set(same.split(", ")) == {"model=llm", "model=tfidf"}
    assert "differ in more than the factors" not in said
    assert {"cost/usd_per_1000", "time/s_per_1000"} <= set(table["fact"])
