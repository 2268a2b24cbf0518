"""`synthsweep generate` on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from support.llm_server import Reply, completion, serving


@pytest.fixture
def generate(cli: Callable[..., Answer]) -> Callable[..., Answer]:
    """The command against a server."""

    def run(address: str, *overrides: str) -> Answer:
        return cli(
            "generate", "llm=vllm", "llm.model=m", f"llm.base_url={address}", "generate.n=10", "tracking=none", *overrides
        )

    return run


def test_a_dry_run_sends_nothing(generate: Callable[..., Answer]) -> None:
    """It says what it would take, and what is there."""

    with serving() as llm:
        answer = generate(llm.address, "generate.dry_run=true")

    assert (answer.status, llm.requests) == (0, [])
    assert "Forecast: 7 requests" in answer.out
    assert "0 of 70 texts are there" in answer.out


@pytest.mark.slow
def test_a_forecast_says_the_most_and_what_is_to_be_done_first(
    cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replies that cannot be used make further requests necessary; a key and a cap are asked for before anything is sent."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = ("llm=gpt-4o-mini", "generate.n=10")

    alone = cli("generate", *asked, "generate.dry_run=true").out.splitlines()
    study = cli("run", "-m", *asked, "mix.ratio=0,0.05", "sweep.dry_run=true").out

    most = alone[-3].partition("(at most ")[2].partition(")")[0]
    assert f"at most {most}." in study
    assert alone[-1] == (
        "Next: set OPENAI_API_KEY in the environment, the key of llm=gpt-4o-mini; "
        "add generate.max_usd=DOLLARS, the most that may be spent; the same without generate.dry_run=true runs it"
    )


def test_a_preview_shows_prompts_replies_and_what_was_read(generate: Callable[..., Answer]) -> None:
    """As many requests as asked for; what was answered before is shown again for nothing."""

    with serving() as llm:
        first = generate(llm.address, "generate.preview=2")
        asked = len(llm.requests)
        again = generate(llm.address, "generate.preview=2")

    assert (asked, len(llm.requests)) == (2, 2)
    for answer in (first, again):
        assert answer.status == 0
        assert answer.out.count("user: Write 10 different texts.") == 2
        assert answer.out.count("reply (stop):") == 2
        assert answer.out.count("example ") == 20


def test_a_filled_pool_says_what_to_do_next(generate: Callable[..., Answer]) -> None:
    """The command that trains with it."""

    with serving() as llm:
        answer = generate(llm.address)

    assert "70 of 70 texts of m for prompt=plain; requests answered now: 7, before: 0" in answer.out
    assert "Next: synthsweep run llm=vllm llm.model=m" in answer.out


def test_a_pool_without_a_text_fails_and_says_why(generate: Callable[..., Answer]) -> None:
    """Every reply was refused: training would have nothing. So it is if the command is given again, which asks nothing."""

    with serving(lambda llm, number, asked: Reply(body=completion(asked, "I cannot help with that."))) as llm:
        answer, again = generate(llm.address), generate(llm.address)

    assert (answer.status, again.status, len(llm.requests)) == (1, 1, 14)
    assert "14 replies gave nothing that can be used (14 refused); the first is: I cannot help with that.;" in answer.err[-1]
    assert "gave nothing that can be used (refusal 14): generate.preview=1" in again.err[-1]


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("llm.model=null", "llm.model must name the LLM"),
        ("llm.base_url=ftp://x", "llm.base_url must be an http:// or https:// address, got ftp://x"),
        ("llm.api_key_env=sk-abc", "llm.api_key_env must be the name of an environment variable, not the key itself"),
        ("prompt=plan", "did you mean plain?"),
        ("llm.free=false", "llm.model=m at 127.0.0.1 has no price that is known"),
        ("generate.max_usd=-1", "generate.max_usd must be at least 0, got -1"),
    ],
)
def test_a_wrong_key_is_one_line_and_status_2(generate: Callable[..., Answer], override: str, line: str) -> None:
    """Nothing is sent, and a key that was put where its name belongs is not said again."""

    with serving() as llm:
        answer = generate(llm.address, override)

    assert (answer.status, llm.requests) == (2, [])
    assert line in answer.err[-1]
    assert "sk-abc" not in answer.err[-1]


def test_replies_move_to_another_folder(generate: Callable[..., Answer], cli: Callable[..., Answer], own_folder: Path) -> None:
    """Export, import, and the pool is there without a request."""

    with serving() as llm:
        generate(llm.address)
        exported = cli("generate", "export", "path=replies.jsonl")
        imported = cli("generate", "import", "path=replies.jsonl", "tracking.folder=other")
        generate(llm.address, "tracking.folder=other")

    assert len(llm.requests) == 7
    assert "7 replies in replies.jsonl" in exported.out
    assert "7 of 7 replies added" in imported.out
