import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.model_names import same_llm

SAME = (
    ("gpt-4o", "gpt-4o-2024-08-06"), ("gpt-4", "gpt-4-0613"), ("gpt-4o", "openai/gpt-4o"), ("gpt-5", "GPT-5-2025-08-07"),
    ("claude-sonnet-4-0", "claude-sonnet-4-20250514"), ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
    ("anthropic/claude-3.5-sonnet", "claude-3-5-sonnet-20241022"), ("claude-sonnet-4@20250514", "claude-sonnet-4-20250514"),
    ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
    ("gemini-2.5-flash", "models/gemini-2.5-flash"), ("gemini-2.5-flash", "gemini-2.5-flash-preview-05-20"),
    ("gemini-2.0-flash", "gemini-2.0-flash-001"), ("gemini-flash-latest", "gemini-2.5-flash-preview-09-2025"),
    ("mistral-small-latest", "mistral-small-2506"), ("grok-4", "grok-4-0709"), ("gpt-4o-2024-08-06", "gpt-4o"),
    ("deepseek/deepseek-r1:free", "deepseek/deepseek-r1"), ("llama3.1", "llama3.1:latest"),
    ("qwen2.5-7b-instruct", "/models/qwen2.5-7b-instruct-q4_k_m.gguf"), ("Mistral-7B-Instruct", "Mistral-7B-Instruct-v0.3"),
    ("tiny-q8", "tiny-q8-2025-01-31"),
    ("owner/tiny", "owner/tiny@main"), ("claude-opus-4-1@default", "claude-opus-4-1"), ("gpt-4*", "gpt-4-turbo"),
)  # fmt: skip
OTHERS = (
    ("gpt-4", "gpt-4o-mini"), ("gpt-4", "gpt-4o"), ("gpt-4", "gpt-4.1"), ("gpt-4", "gpt-4-turbo-2024-04-09"),
    ("gpt-4o", "gpt-4o-mini-2024-07-18"), ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"), ("gpt-5", "gpt-5-mini"),
    ("claude-sonnet-4", "claude-sonnet-4-5-20250929"), ("claude-opus-4-0", "claude-opus-4-1-20250805"),
    ("claude-3-5-sonnet-latest", "claude-3-5-haiku-20241022"), ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("gemini-flash-latest", "gemini-2.5-flash-lite"), ("llama3.1:8b", "llama3.1:70b"), ("llama-3-8b", "llama-3-8b-instruct"),
    ("qwen2.5-7b", "qwen2.5-72b"), ("mistral-small-latest", "mistral-large-2411"), ("gpt-4o*", "gpt-4-0613"),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "answered"), SAME)
def test_a_version_an_owner_or_an_alias_is_the_same_llm(asked: str, answered: str) -> None:
    assert same_llm(asked, answered)


@pytest.mark.parametrize(("asked", "answered"), OTHERS)
def test_another_size_variety_or_generation_is_another_llm(asked: str, answered: str) -> None:
    assert not same_llm(asked, answered)


@given(name=st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9.]{1,6}){0,3}", fullmatch=True), date=st.dates())
def test_every_name_is_its_own_with_a_date_and_an_owner(name: str, date: object) -> None:
    assert same_llm(name, name)
    assert same_llm(name, f"owner/{name}")
    assert same_llm(name, f"{name}-{date}")
