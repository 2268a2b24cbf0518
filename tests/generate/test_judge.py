import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.builders import AB, run_config, synthetic
from support.llm_server import Llm, Reply, completion, serving
from synthsweep.config.keys.run import TrainingDataConfig
from synthsweep.errors import CompletionError, ConfigError, PoolError, PrivacyError
from synthsweep.examples import Example
from synthsweep.generate.judge import Judge
from synthsweep.label_checker import Verdict
from synthsweep.progress import silent

# A dollar a million tokens: an answer of the test server costs $0.0005.
PRICED = ("judge.price_per_million.input=1", "judge.price_per_million.output=1", "judge.free=false", "generate.max_usd=1")
USD_A_REPLY = 0.0005
POOL = [synthetic("1", "A", text="alpha here"), synthetic("2", "B", text="alpha again"), synthetic("3", text="nothing")]


def config_of(address: str, folder: Path, *overrides: str) -> TrainingDataConfig:
    """A recorded pool of A and B, judged by the test server."""
    base = ("llm@judge=vllm", "judge.model=m", f"judge.base_url={address}", f"tracking.folder={folder}", "curation=judged")
    return run_config(*base, *PRICED, *overrides)


def judge_of(llm: Llm, folder: Path, *overrides: str) -> Judge:
    return Judge(config_of(llm.address, folder, *overrides), AB, silent)


def text_of(asked: dict[str, Any]) -> str:
    return re.search(r"<text>\n(.*)\n</text>", asked["messages"][-1]["content"]).group(1)


def says_a_for_alpha(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    labels = ["A"] if "alpha" in text_of(asked) else []
    return Reply(body=completion(asked, json.dumps({"labels": labels})))


def saying(*replies: str, **choice: Any) -> Callable[..., Reply]:
    """A server that gives these in turns."""
    return lambda llm, number, asked: Reply(body=completion(asked, replies[number % len(replies)], **choice))


def test_a_verdict_names_what_the_judge_sees_and_whether_it_agrees(own_folder: Path) -> None:
    """Each text is read on its own, without its labels."""

    with serving(says_a_for_alpha) as llm:
        verdicts = judge_of(llm, own_folder, "curation.judge_answers=2").check(POOL)

    a, none = frozenset({"A"}), frozenset()
    cost = pytest.approx(2 * USD_A_REPLY)
    assert [Verdict(a, 1.0, cost), Verdict(a, 0.0, cost), Verdict(none, 1.0, cost)] == verdicts
    assert len(llm.requests) == 6


def test_answers_are_paid_once(own_folder: Path) -> None:
    """A second check, and one of more texts or answers, asks for what is new alone."""

    with serving(says_a_for_alpha) as llm:
        counts = []
        for texts, answers in [(POOL[:2], 2), (POOL[:2], 2), (POOL, 2), (POOL, 3)]:
            judge_of(llm, own_folder, f"curation.judge_answers={answers}").check(texts)
            counts.append(len(llm.requests))

    assert counts == [4, 4, 6, 9]


def test_texts_that_are_alike_are_one_question(own_folder: Path) -> None:
    """Whatever their labels, which the judge does not see; the first of them bears what it cost."""

    same = [replace(POOL[0], id=str(n), labels=frozenset(labels)) for n, labels in enumerate(["A", "B", "AB"])]
    with serving(says_a_for_alpha) as llm:
        verdicts = judge_of(llm, own_folder, "curation.judge_answers=1").check(same)

    assert (len(llm.requests), [verdict.agreement for verdict in verdicts]) == (1, [1.0, 0.0, 0.0])
    assert [verdict.usd for verdict in verdicts] == [pytest.approx(USD_A_REPLY), 0.0, 0.0]


def test_answers_of_no_use_are_left_out_and_not_asked_for_again(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One of three is usable for the one text, none for the other, which is said; all of them were paid for."""

    def halting(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        usable = "alpha" in text_of(asked) and sum("alpha" in text_of(one) for one in llm.requests) == 3
        return Reply(body=completion(asked, '{"labels": ["A"]}' if usable else "I would rather not."))

    with serving(halting) as llm:
        for _ in range(2):
            verdicts = judge_of(llm, own_folder, "generate.concurrency=1").check([POOL[0], POOL[2]])

    assert (verdicts, len(llm.requests)) == ([Verdict(frozenset({"A"}), 1.0, pytest.approx(3 * USD_A_REPLY)), None], 6)
    said = "llm@judge=vllm gave no usable answer about 1 of 2 texts (5 no answer): they have no verdict"
    assert [record.getMessage() for record in caplog.records if "usable" in record.getMessage()] == [said, said]


def test_a_refusal_is_no_answer(own_folder: Path) -> None:
    """Even where it is worded like one."""

    with (
        serving(saying('{"labels": []}', finish_reason="content_filter")) as llm,
        pytest.raises(PoolError, match=r"about any of 1 texts \(3 refusal\)"),
    ):
        judge_of(llm, own_folder).check(POOL[2:])


@pytest.mark.parametrize("times", [1, 2])
def test_a_judge_that_is_of_no_use_at_all_ends_the_job(own_folder: Path, times: int) -> None:
    """With the reasons and a way out, since what is stored is not asked for again; the second time, too."""

    message = (
        "llm@judge=vllm gave no usable answer about any of 3 texts (6 no answer, 3 unknown label): its answers are kept; "
        "another judge (llm@judge=NAME) or another tracking.folder asks anew"
    )
    with serving(saying("Maybe.", "Well.", '{"labels": ["C"]}')) as llm:
        for _ in range(times):
            with pytest.raises(PoolError, match=f"^{re.escape(message)}$"):
                judge_of(llm, own_folder, "generate.concurrency=1").check(POOL)

    assert len(llm.requests) == 9


def test_no_texts_need_no_verdict(own_folder: Path) -> None:
    """An empty pool is no fault of the judge's."""

    with serving(says_a_for_alpha) as llm:
        assert judge_of(llm, own_folder).check([]) == []


def error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": {"message": message, "type": code, "code": code}})


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (error(401, "auth", "no"), "llm@judge=vllm: {host} answers 401 auth: {said}; it wants a key: judge.api_key_env=NAME"),
        (error(404, "lost", "no"), "llm@judge=vllm: {host} answers 404 lost: {said}; see judge.model and judge.base_url"),
        (error(400, "bad", "top_p?"), "llm@judge=vllm: {host} answers 400 bad: {said}; set judge.top_p=null"),
        (error(400, "bad", "max_tokens?"), "llm@judge=vllm: {host} answers 400 bad: {said}; see judge.token_limit_key"),
        (
            Reply(body=b"<html>"),
            "llm@judge=vllm: the answer is a web page; is judge.base_url the address of an API, as .../v1?; "
            "1 requests in a row failed, each after 1 tries: stopped",
        ),
        (
            Reply(body=completion({"model": "other"}, '{"labels": []}')),
            "judge.model=m was asked for and other answered: correct judge.model, or set judge.answers_as=[other] "
            "if that is the same LLM",
        ),
    ],
)
def test_what_a_server_does_wrong_is_said_of_the_judge(own_folder: Path, reply: Reply, message: str) -> None:
    """The keys that mend it are the judge's, not those of the LLM that writes."""

    once = ("generate.max_attempts=1", "generate.max_failures=1")
    with serving(lambda llm, number, asked: reply) as llm, pytest.raises(CompletionError) as caught:
        judge_of(llm, own_folder, *once).check(POOL)

    said = re.sub(r"(answers \d+ \w+: ).*; ", r"\1{said}; ", str(caught.value))
    assert message.replace("{host}", llm.address.removeprefix("http://").removesuffix("/v1")) == said


def test_a_judge_without_its_key_is_named(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    with serving(says_a_for_alpha) as llm, pytest.raises(ConfigError, match=r"^llm@judge=vllm needs a key in .* JUDGE_KEY, "):
        judge_of(llm, own_folder, "judge.api_key_env=JUDGE_KEY").check(POOL)


def test_the_server_is_told_of_json_and_of_no_schema_of_texts(own_folder: Path) -> None:
    """A strict schema of examples would leave no room for an answer."""

    with serving(says_a_for_alpha) as llm:
        judge_of(llm, own_folder).check(POOL[:1])

    assert llm.requests[0]["response_format"] == {"type": "json_object"}


def test_a_paid_judge_needs_a_limit_and_says_what_it_would_cost(own_folder: Path) -> None:
    """Money is spent by a word of the user's alone."""

    with (
        serving(says_a_for_alpha) as llm,
        pytest.raises(ConfigError, match=r"generate.max_usd must say .* forecast: 9 requests"),
    ):
        judge_of(llm, own_folder, "generate.max_usd=null").check(POOL)

    assert llm.requests == []


def test_a_price_that_nobody_knows_is_asked_for_under_the_judges_name(own_folder: Path) -> None:
    """The way out must lead out."""

    message = r"judge\.model=m at 127\.0\.0\.1 .* judge\.price_per_million\.input and .* or judge\.free=true"
    unknown = ("judge.price_per_million.input=null", "judge.price_per_million.output=null")
    with serving(says_a_for_alpha) as llm, pytest.raises(ConfigError, match=message):
        judge_of(llm, own_folder, *unknown).check(POOL)


@pytest.mark.parametrize("limit", [0.0, 0.004, 0.0061])
def test_a_budget_is_never_passed(own_folder: Path, limit: float) -> None:
    """Requests under way are set aside for; what was answered stays."""

    many = [synthetic(str(n), "A", text=f"alpha {n}") for n in range(40)]
    with serving(says_a_for_alpha, latency=0.01) as llm:
        judge = judge_of(llm, own_folder, f"generate.max_usd={limit}")
        for _ in range(2):
            with pytest.raises(PoolError, match=r"is used up: .* of 120 answers of llm@judge=vllm are there; a larger"):
                judge.check(many)
        spent = judge.plan(many).spending

    assert spent.total <= limit
    assert spent.paid == pytest.approx(len(llm.answered) * USD_A_REPLY)


def test_the_judge_shares_the_budget_of_the_pool_or_of_the_study(own_folder: Path) -> None:
    """generate.max_usd is what both together may cost."""

    hosted = ("llm=vllm", "llm.model=w")
    with serving(says_a_for_alpha) as llm:
        budgets = [judge_of(llm, own_folder, *over).plan(POOL).budget.name for over in ((), hosted, ("study=s",))]

    assert budgets == ["recorded/plain", "w/plain", "s"]


def test_a_judge_that_may_not_be_asked_reads_what_is_stored(own_folder: Path) -> None:
    """On a machine without network the answers are there, or the error says that they are not."""

    with serving(says_a_for_alpha) as llm:
        first = judge_of(llm, own_folder).check(POOL[:1])
        offline = judge_of(llm, own_folder, "generate.on_demand=false")
        assert first == offline.check(POOL[:1])
        with pytest.raises(PoolError, match=r"^llm@judge=vllm has 3 of 9 answers, and generate.on_demand=false"):
            offline.check(POOL)


ELSEWHERE = ("judge.base_url=http://judge.example/v1", "generate.on_demand=false")
EDA, FILE = "{kind: eda}", "{kind: recorded, path: own.jsonl}"


def shown(text: str, *sources: str) -> Example:
    made = synthetic("1", "A", text=text)
    return replace(made, provenance=replace(made.provenance, sources=sources))


@pytest.mark.parametrize(
    ("example", "overrides"),
    [
        (shown("x", "r1"), ()),
        (shown("x"), ("llm=simulator",)),
        (shown("x"), ("llm.kind=eda",)),
        (shown("x"), ("llm.kind=masked_lm",)),
        (shown("x"), ("llm.path=own.jsonl",)),
        (shown("x"), ("llm.kind=union", f"+llm.members.one={EDA}", "+llm.members.two={kind: recorded}")),
        (shown("x"), ("llm.kind=union", f"+llm.members.one={FILE}", "+llm.members.two={kind: recorded}")),
        (shown("x"), ("llm.kind=union", f"+llm.members.one={{kind: union, members: {{a: {{}}, b: {EDA}}}}}")),
    ],
)
def test_texts_made_of_real_ones_do_not_leave_this_machine_unasked(
    own_folder: Path, example: Example, overrides: tuple[str, ...]
) -> None:
    """Rewritten, shown in the prompt, recombined, or of a file that may hold any; a word of the user's allows it."""

    with pytest.raises(PrivacyError, match=r"judge\.example: refused; privacy\.allow_real_text=true allows it"):
        Judge(config_of("http://x/v1", own_folder, *ELSEWHERE, *overrides), AB, silent).check([example])

    allowed = config_of("http://x/v1", own_folder, *ELSEWHERE, *overrides, "privacy.allow_real_text=true")
    with pytest.raises(PoolError, match="has 0 of 3 answers"):
        Judge(allowed, AB, silent).check([example])


@pytest.mark.parametrize("overrides", [(), ("llm.kind=union", "+llm.members.one={kind: union, members: {a: {}, b: {}}}")])
def test_other_texts_may_be_judged_anywhere(own_folder: Path, overrides: tuple[str, ...]) -> None:
    """An LLM wrote them without seeing a real one."""

    with pytest.raises(PoolError, match="has 0 of 3 answers"):
        Judge(config_of("http://x/v1", own_folder, *ELSEWHERE, *overrides), AB, silent).check([shown("x")])


@pytest.mark.parametrize("overrides", [(), ("llm.kind=eda",)])
def test_questions_about_texts_made_of_real_ones_are_not_written_down(own_folder: Path, overrides: tuple[str, ...]) -> None:
    """The store would else be a copy of the corpus."""

    example = shown("alpha", *([] if overrides else ["r1"]))
    with serving(says_a_for_alpha) as llm:
        judge = judge_of(llm, own_folder, "data=csv", "data.path=x.csv", *overrides)
        judge.check([example])
        written = [reply.messages for reply in judge.plan([example]).store.all(prompt="judge")]

    assert written == [(), (), ()]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("curation.judge_template=''", "curation.judge_template must hold what a judge is asked, got nothing"),
        (
            "curation.judge_template='{{ labels }}'",
            "curation.judge_template must be a Jinja2 template of the fields text, ",
        ),
    ],
)
def test_a_wrong_question_is_one_line(own_folder: Path, override: str, said: str) -> None:
    """And nobody is asked."""

    with serving(says_a_for_alpha) as llm, pytest.raises(ConfigError, match=f"^{re.escape(said)}"):
        judge_of(llm, own_folder, override).check(POOL)
    assert llm.requests == []


@pytest.mark.slow
def test_a_kill_loses_no_answer_that_was_stored_and_asks_none_twice(own_folder: Path) -> None:
    """Three kill -9; the server's log has each request once, but for what was on the wire at a kill."""

    program = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[1])!r}]\n"
        "from pathlib import Path\nfrom test_judge import *\n"
        "many = [synthetic(str(n), 'A', text=f'alpha {n}') for n in range(40)]\n"
        "config = config_of(sys.argv[1], Path.cwd(), 'generate.concurrency=4', 'judge.free=true')\n"
        "print(len(Judge(config, AB, silent).check(many)))\n"
    )
    with serving(says_a_for_alpha, latency=0.2) as llm:
        command = [sys.executable, "-c", program, llm.address]
        for kill in range(1, 4):
            process = subprocess.Popen(command, start_new_session=True)
            while process.poll() is None and len(llm.answered) < 20 * kill:
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert (done.stdout, len(set(llm.answered))) == ("40\n", 120)
    # Four at once, and one more a round that went well.
    assert len(llm.answered) - 120 <= 3 * 32
