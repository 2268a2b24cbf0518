import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from support.llm_faults import fill
from support.llm_server import Reply, serving
from synthsweep.errors import CompletionError, ConfigError
from synthsweep.generate.llm.endpoint.credentials import require_api_key, require_headers, without_secrets

KEY = "sk-proj-Ab12Cd34Ef56Gh78"


@pytest.mark.parametrize("said", ["sk-proj-********Gh78.", "key=sk-proj-...Gh78", f"Bearer {KEY}", f"'{KEY[3:]}'", KEY[:9]])
def test_no_part_of_a_key_is_said_again(said: str) -> None:
    """Providers mask the middle and leave both ends."""
    assert not {KEY[i : i + 4] for i in range(len(KEY) - 3)} & {
        said_now[i : i + 4] for said_now in [without_secrets(said, [KEY])] for i in range(len(said_now) - 3)
    }


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40), st.text(), st.text())
def test_a_key_is_found_wherever_it_stands(key: str, before: str, after: str) -> None:
    assert key not in without_secrets(before + key + after, [key]).replace("[key]", "")


@pytest.mark.parametrize("value", ["sk-canary\n", " sk-canary", "sk-canäry", "sk\tcanary"])
def test_a_key_that_cannot_be_sent_is_refused_before_a_client_quotes_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)

    with pytest.raises(ConfigError, match="OPENAI_API_KEY in the environment must hold") as caught:
        require_api_key(run_config("llm=gpt-4o-mini").llm)

    assert "canary" not in str(caught.value)


def test_headers_come_from_variables_and_are_not_said_again(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway may want its own key beside the provider's, and may quote it."""
    monkeypatch.setenv("TEAM_TOKEN", "team-canary-1")
    refusal = Reply(401, {"error": {"message": "bad X-Team: team-canary-1"}})
    with serving(lambda *asked: refusal) as llm, pytest.raises(CompletionError) as caught:
        fill(llm, own_folder, "llm.headers={X-Team: TEAM_TOKEN}")

    assert llm.headers[0]["x-team"] == "team-canary-1"
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_header_without_its_variable_is_named() -> None:
    llm = run_config("llm=vllm", "llm.model=m", "llm.headers={X-Team: NOT_THERE_KEY}").llm

    with pytest.raises(ConfigError, match=r"llm\.headers\.X-Team needs .* NOT_THERE_KEY, which is not set"):
        require_headers(llm)
