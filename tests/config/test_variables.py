import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from synthsweep.config.variables import pasted_words

PASTED = (
    "llm.api_key_env=gsk_canary", "judge.api_key_env=hf_canary", "++llm.members.first.api_key_env=AIzaCanary",
    "llm.api_key_env='sk-c'",
    "llm.api_key_env=OPENAI_API_KEY,gsk_canary", "llm={kind: openai, api_key_env: gsk_canary}", "llm.headers.X-Team=canary",
    "llm.headers={X-Team: canary}", "llm.headers={A: OPENAI_API_KEY, B: 'Bearer canary'}",
    "+llm.headers={Authorization: Bearer canary}",
)  # fmt: skip
NAMES = (
    "llm.api_key_env=OPENAI_API_KEY", "llm.api_key_env=null", "llm.api_key_env=MY_LAB_TOKEN", "llm.headers={}",
    "llm.headers={X-Team: TEAM_TOKEN}", "llm.headers.X-Team=HOME", "llm=gpt-4o-mini", "llm.api_key_env=HOME,OPENAI_API_KEY",
)  # fmt: skip


@pytest.mark.parametrize("word", PASTED)
def test_what_is_no_variable_is_taken_for_a_key(word: str) -> None:
    """Wherever it stands in an override; the message does not show it."""
    said = pasted_words(["mix.ratio=0", word])

    assert "must be the name of an environment variable" in said
    assert "canary" not in said.lower()


@pytest.mark.parametrize("word", NAMES)
def test_names_of_variables_pass(word: str) -> None:
    assert "HOME" in os.environ
    assert pasted_words([word]) == ""


@pytest.mark.slow
@pytest.mark.parametrize("extra", [(), ("--cfg", "job"), ("llm=ours", "--cfg", "all"), ("llm=ours",)])
def test_a_pasted_key_reaches_no_screen_and_no_file(
    extra: tuple[str, ...], cli: Callable[..., Answer], own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither from the command line nor from a file of one's own, nor in the traceback that HYDRA_FULL_ERROR=1 asks for."""
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    preset = "# A preset of our own server.\nname: ours\nkind: openai\nmodel: m\nbase_url: http://127.0.0.1:1/v1\n"
    (Path.cwd() / "conf" / "llm").mkdir(parents=True)
    (Path.cwd() / "conf" / "llm" / "ours.yaml").write_text(f"{preset}api_key_env: gsk_canary\n")

    answer = cli("generate", *(extra if "llm=ours" in extra else ("llm.api_key_env=gsk_canary", *extra)))

    assert answer.status == 2
    assert "canary" not in answer.out + "\n".join(answer.err)
    written = [file for file in Path.cwd().rglob("*") if file.is_file() and file.name != "ours.yaml"]
    assert not [file for file in written if b"canary" in file.read_bytes()]
