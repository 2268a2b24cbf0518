"""The keys of the LLM that writes synthetic texts, and of the judge of their labels."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from synthsweep.config.rules import MAX_SEED, Acts, Section, acting, key
from synthsweep.errors import ConfigError
from synthsweep.messages import without_password

# The kinds of LLM that run on a server.
HOSTED = ("openai", "azure")
LLM_KINDS = ("recorded", "simulator", "eda", "masked_lm", "union", *HOSTED)
REPLY_FORMATS = ("json_schema", "json_object", "json", "list")


@dataclass(frozen=True)
class SimulatorConfig(Section):
    """The simulator's faults, as shares of its texts or words; `length` is in words."""

    section: ClassVar[str] = "llm.simulator"
    label_noise: float = key(0.0, low=0, high=1)
    omission: float = key(0.0, low=0, high=1)
    duplication: float = key(0.0, low=0, high=1)
    diversity: float = key(1.0, above=0, high=1)
    length: int = key(0, low=0)
    style_gap: float = key(0.0, low=0, high=1)
    seed: int = key(1, low=0, high=MAX_SEED)


@dataclass(frozen=True)
class RewriterConfig(Section):
    """How llm=eda and llm=masked_lm change a real text: `change` is the share of its words, `model` fills masks."""

    section: ClassVar[str] = "llm.rewriter"
    change: float = key(0.15, above=0, high=1)
    model: str | None = None
    seed: int = key(1, low=0, high=MAX_SEED)


@dataclass(frozen=True)
class PriceConfig(Section):
    """Dollars per million tokens; where set, they replace the prices of genai-prices."""

    section: ClassVar[str] = "llm.price_per_million"
    input: float | None = key(None, low=0)
    output: float | None = key(None, low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.input is None) != (self.output is None):
            raise ConfigError("llm.price_per_million.input and llm.price_per_million.output must both be given, got one")


@dataclass(frozen=True)
class LlmConfig(Section):
    """The LLM that writes synthetic texts; `name` is the choice of the group, `model` the server's name for it."""

    section: ClassVar[str] = "llm"
    acts: ClassVar[Acts] = Acts.TEXTS
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("name", "model", "path")
    # The config group of the presets, as in llm=NAME.
    group: ClassVar[str] = "llm"
    name: str = "recorded"
    kind: str = key("recorded", choices=LLM_KINDS, acts=Acts.NUMBERS)
    model: str | None = key(None, acts=Acts.NUMBERS, kinds=("recorded", "simulator", *HOSTED))
    path: str | None = None
    # Where a server is, what it is called and what it costs: a study goes on when these change.
    base_url: str | None = key(None, acts=Acts.NEVER)
    api_key_env: str | None = key(None, acts=Acts.NEVER)
    api_version: str | None = key(None, acts=Acts.NEVER)
    provider: str | None = key(None, acts=Acts.NEVER)
    answers_as: list[str] = field(default_factory=list)
    temperature: float | None = key(None, low=0, high=2, acts=Acts.NUMBERS, kinds=HOSTED)
    top_p: float | None = key(None, above=0, high=1, acts=Acts.NUMBERS, kinds=HOSTED)
    reasoning_effort: str | None = key(None, acts=Acts.NUMBERS, kinds=HOSTED)
    max_output_tokens: int = key(2000, low=1, high=1_000_000)
    token_limit_key: str = key("max_completion_tokens", choices=("max_completion_tokens", "max_tokens"), acts=Acts.NEVER)
    reply_format: str = key("json_schema", choices=REPLY_FORMATS, acts=Acts.NUMBERS, kinds=HOSTED)
    free: bool = key(False, acts=Acts.NEVER)
    price_per_million: PriceConfig = field(default_factory=PriceConfig, metadata=acting(Acts.NEVER))
    batch_discount: float = key(0.5, low=0, high=1, acts=Acts.NEVER)
    simulator: SimulatorConfig = field(default_factory=SimulatorConfig, metadata=acting(Acts.NUMBERS, kinds=("simulator",)))
    rewriter: RewriterConfig = field(default_factory=RewriterConfig, metadata=acting(Acts.NUMBERS, kinds=("eda", "masked_lm")))
    # For llm.kind=union: the LLMs whose pools it joins, each described by the keys of this section. In the run key, each counts
    # as it would alone.
    members: dict[str, Any] = field(default_factory=dict, metadata={"entries": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path and self.kind != "recorded":
            raise ConfigError(f"llm.path needs llm=recorded, got llm={self.kind}: it reads replies from a file")
        for name, member in self.members.items():
            if not isinstance(member, Mapping):
                raise ConfigError(f"llm.members.{name} must be a section with keys of its own, got {member}")
        if self.hosted:
            self._check_endpoint()
        elif self.model and not self.path:
            raise ConfigError(
                f"llm.model names who wrote the texts of llm.path, got {self.model} without a file: llm={self.kind} asks no LLM"
            )

    @property
    def choice(self) -> str:
        """The preset as a user chooses it: llm=NAME, or llm@judge=NAME."""
        return f"{self.group}={self.name}"

    @property
    def hosted(self) -> bool:
        """Whether a server answers, here or elsewhere."""
        return self.kind in HOSTED

    @property
    def sampling(self) -> dict[str, float | str]:
        """The sampling settings that are set, under the API's names."""
        chosen = {"temperature": self.temperature, "top_p": self.top_p, "reasoning_effort": self.reasoning_effort}
        return {name: value for name, value in chosen.items() if value is not None}

    @property
    def reply_form(self) -> str:
        """The `format` that a prompt asks for."""
        return "list" if self.reply_format == "list" or not self.hosted else "json"

    @property
    def answerers(self) -> tuple[str, ...]:
        """Prefixes that the name of the answering LLM may have; empty allows any. A union has those of its members."""
        return _answerers(vars(self))

    def _check_endpoint(self) -> None:
        if not self.model:
            raise ConfigError(f"{self.section}.model must name the LLM that llm={self.name} asks for, got nothing")
        address = urlsplit(self.base_url or "")
        if address.scheme not in {"http", "https"} or not address.hostname:
            shown = without_password(str(self.base_url))
            raise ConfigError(
                f"{self.section}.base_url must be an http:// or https:// address, got {shown}: as http://127.0.0.1:8000/v1"
            )
        if address.username or address.password or address.query:
            # The configuration is kept with each run.
            raise ConfigError(
                f"{self.section}.base_url must hold no user, password or query: name a variable in api_key_env instead"
            )
        if self.api_key_env and not re.fullmatch(r"[A-Za-z_]\w{0,60}", self.api_key_env):
            raise ConfigError(f"{self.section}.api_key_env must be the name of an environment variable, not the key itself")
        if self.kind == "azure" and not self.api_version:
            raise ConfigError(f"{self.section}.api_version must be given for kind=azure, got nothing: as 2024-10-21")


def _answerers(llm: Mapping[str, Any]) -> tuple[str, ...]:
    """The same, for an LLM or for a union's member, whose description may lack keys."""
    if llm.get("answers_as"):
        return tuple(llm["answers_as"])
    if llm.get("kind") == "openai":
        return (str(llm.get("model")),)
    members = [member for member in (llm.get("members") or {}).values() if isinstance(member, Mapping)]
    asked = [_answerers(member) for member in members if member.get("kind") in {"openai", "azure", "union"}]
    # The name of an Azure deployment does not say which LLM it runs, so any may answer.
    return tuple(dict.fromkeys(name for names in asked for name in names)) if all(asked) else ()


def with_members(llm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What is described of an LLM, of the members of a union, and of theirs; a description may lack keys."""
    yield llm
    for member in (llm.get("members") or {}).values():
        yield from with_members(member)


@dataclass(frozen=True)
class JudgeConfig(LlmConfig):
    """The LLM that checks the labels of synthetic texts; it has the same presets as the LLM that writes them."""

    section: ClassVar[str] = "judge"
    named_by: ClassVar[tuple[str, ...]] = ()
    group: ClassVar[str] = "llm@judge"
