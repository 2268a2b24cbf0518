"""The keys of the LLM that writes synthetic texts, and of the judge of their labels."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from synthsweep.config.keys.llm_parts import PriceConfig, RewriterConfig, SimulatorConfig
from synthsweep.config.rules import MAX_SEED, Acts, Section, acting, key
from synthsweep.errors import ConfigError
from synthsweep.messages import without_password

# The kinds of LLM that run on a server.
HOSTED = ("openai", "azure")
LLM_KINDS = ("recorded", "simulator", "eda", "masked_lm", "union", *HOSTED)
APIS = ("chat", "responses")
# Parameters that have keys of their own, or would change what is billed or how a reply is read.
NOT_EXTRA = frozenset(
    "model messages input n stream store max_tokens max_completion_tokens max_output_tokens temperature top_p seed "
    "reasoning_effort response_format text best_of tools".split()
)
REPLY_FORMATS = ("json_schema", "json_object", "json", "list")


@dataclass(frozen=True)
class LlmConfig(Section):
    """The LLM that writes synthetic texts."""

    section: ClassVar[str] = "llm"
    acts: ClassVar[Acts] = Acts.TEXTS
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("name", "model", "path")
    # The config group of the presets, as in llm=NAME.
    group: ClassVar[str] = "llm"
    name: str = key("recorded", help="name of the LLM, as reports show it")
    kind: str = key(
        "recorded",
        choices=LLM_KINDS,
        acts=Acts.NUMBERS,
        help="what answers: a file of replies, a generator without an LLM, or a server",
    )
    model: str | None = key(
        None, acts=Acts.NUMBERS, kinds=("recorded", "simulator", *HOSTED), help="the server's name for the LLM", first=True
    )
    path: Any = key(
        None,
        help="file of texts or replies; null: those shipped",
        takes="a file, [FILE, FILE], {NAME: FILE} or null",
        first=True,
    )
    # Where a server is, what it is called and what it costs: a study goes on when these change.
    base_url: str | None = key(None, acts=Acts.NEVER, help="address of a server that speaks OpenAI's protocol")
    api_key_env: str | None = key(None, acts=Acts.NEVER, help="environment variable that holds the API key; null sends none")
    api_version: str | None = key(None, acts=Acts.NEVER, help="version of Azure's API")
    api: str = key(
        "chat",
        choices=APIS,
        acts=Acts.NEVER,
        help="chat completions, which every server has, or OpenAI's Responses API, which some of its LLMs need",
    )
    headers: Any = key(
        None,
        acts=Acts.NEVER,
        help="further headers, each with the environment variable that holds its value",
        takes="a section such as {X-Team: TEAM_TOKEN}, or null",
    )
    forwards: bool = key(
        True,
        acts=Acts.NEVER,
        help="false for a server that runs the weights itself: on 127.0.0.1 it may then see real texts",
    )
    provider: str | None = key(
        None, acts=Acts.NEVER, help="provider by which a published price is looked up; null goes by the address"
    )
    answers_as: list[str] = key(
        default_factory=list, help="beginnings of the names under which the LLM may answer; empty takes llm.model"
    )
    temperature: float | None = key(
        None,
        low=0,
        high=2,
        acts=Acts.NUMBERS,
        kinds=HOSTED,
        help="sampling temperature; null leaves it to the server",
    )
    top_p: float | None = key(
        None,
        above=0,
        high=1,
        acts=Acts.NUMBERS,
        kinds=HOSTED,
        help="nucleus sampling: the probability mass that tokens are drawn from; null leaves it to the server",
    )
    reasoning_effort: str | None = key(
        None, acts=Acts.NUMBERS, kinds=HOSTED, help="effort of a reasoning model, as low; null leaves it to the server"
    )
    seed: int | None = key(
        None,
        low=0,
        high=MAX_SEED,
        acts=Acts.NUMBERS,
        kinds=HOSTED,
        added=True,
        help="seed of the server's sampling, raised by one for each further sample; null sends none",
    )
    extra_body: Any = key(
        None,
        acts=Acts.NUMBERS,
        kinds=HOSTED,
        added=True,
        help="further parameters of the request, as the server names them: {top_k: 40}",
        takes="a section of parameters, or null",
    )
    max_output_tokens: int = key(2000, low=1, high=1_000_000, help="most tokens of a reply")
    token_limit_key: str = key(
        "max_completion_tokens",
        choices=("max_completion_tokens", "max_tokens"),
        acts=Acts.NEVER,
        help="name under which the server takes the limit of tokens",
    )
    reply_format: str = key(
        "json_schema",
        choices=REPLY_FORMATS,
        acts=Acts.NUMBERS,
        kinds=HOSTED,
        help="form in which the reply is asked for; json_schema needs a server that holds to it",
    )
    free: bool = key(False, acts=Acts.NEVER, help="true for a server that bills nothing, so that no generate.max_usd is needed")
    price_per_million: PriceConfig = field(default_factory=PriceConfig, metadata=acting(Acts.NEVER))
    batch_discount: float = key(
        0.5, low=0, high=1, acts=Acts.NEVER, help="share of the price that a provider's Batch API takes"
    )
    simulator: SimulatorConfig = field(default_factory=SimulatorConfig, metadata=acting(Acts.NUMBERS, kinds=("simulator",)))
    rewriter: RewriterConfig = field(default_factory=RewriterConfig, metadata=acting(Acts.NUMBERS, kinds=("eda", "masked_lm")))
    # For llm.kind=union: the LLMs whose pools it joins, each described by the keys of this section. In the run key, each counts
    # as it would alone.
    members: dict[str, Any] = key(
        default_factory=dict, entries=True, help="LLMs whose pools a union joins, each with the keys of this section"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path and self.kind != "recorded":
            raise ConfigError(f"llm.path needs llm=recorded, got llm={self.kind}: it reads replies from a file")
        files_of(self.path)
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
    def files(self) -> dict[str, str]:
        """The user's own files by the names that they have in provenance."""
        return files_of(self.path)

    @property
    def file_names(self) -> str:
        """The names of the user's own files, without their folders: `a.jsonl + b.jsonl`."""
        return " + ".join(Path(file).name for file in self.files.values())

    @property
    def hosted(self) -> bool:
        """Whether a server answers, here or elsewhere."""
        return self.kind in HOSTED

    @property
    def sampling(self) -> dict[str, Any]:
        """The settings that are set and change a reply, under the API's names."""
        chosen = {name: getattr(self, name) for name in ("temperature", "top_p", "reasoning_effort", "seed")}
        return {**{name: value for name, value in chosen.items() if value is not None}, **(self.extra_body or {})}

    @property
    def sent_headers(self) -> dict[str, str]:
        """The environment variable of each further header."""
        return {str(header): str(variable) for header, variable in (self.headers or {}).items()}

    @property
    def reply_form(self) -> str:
        """The `format` that a prompt asks for."""
        return "list" if self.reply_format == "list" or not self.hosted else "json"

    @property
    def answerers(self) -> tuple[str, ...]:
        """Names of the LLM that may answer, beginnings with a star; empty allows any. A union has those of its members."""
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
        self._check_extras()
        if self.api == "responses" and self.kind != "openai":
            raise ConfigError(
                f"{self.section}.api=responses needs kind=openai, got kind={self.kind}: it has an address of its own"
            )
        if self.kind == "azure" and not self.api_version:
            raise ConfigError(f"{self.section}.api_version must be given for kind=azure, got nothing: as 2024-10-21")

    def _check_extras(self) -> None:
        if self.headers is not None and not isinstance(self.headers, Mapping):
            raise ConfigError(f"{self.section}.headers must be a section such as {{X-Team: TEAM_TOKEN}}, got another value")
        for header, variable in self.sent_headers.items():
            if not re.fullmatch(r"[A-Za-z0-9_-]+", header):
                raise ConfigError(f"{self.section}.headers must have names of letters, digits and '-', got {header[:20]!r}")
            if not re.fullmatch(r"[A-Za-z_]\w{0,60}", variable):
                raise ConfigError(
                    f"{self.section}.headers.{header} must be the name of an environment variable, not the value itself"
                )
        if self.extra_body is not None and not isinstance(self.extra_body, Mapping):
            raise ConfigError(f"{self.section}.extra_body must be a section such as {{top_k: 40}}, got {self.extra_body}")
        if taken := NOT_EXTRA & set(map(str, self.extra_body or {})):
            name = min(taken)
            raise ConfigError(
                f"{self.section}.extra_body must not hold {name}: it has a key of its own ({self.section}.*), or would change "
                "what is billed and read"
            )


def _answerers(llm: Mapping[str, Any]) -> tuple[str, ...]:
    """The same, for an LLM or for a union's member, whose description may lack keys."""
    if llm.get("answers_as"):
        return tuple(f"{beginning}*" for beginning in llm["answers_as"])
    if llm.get("kind") == "openai":
        return (str(llm.get("model")),)
    members = [member for member in (llm.get("members") or {}).values() if isinstance(member, Mapping)]
    asked = [_answerers(member) for member in members if member.get("kind") in {"openai", "azure", "union"}]
    # The name of an Azure deployment does not say which LLM it runs, so any may answer.
    return tuple(dict.fromkeys(name for names in asked for name in names)) if all(asked) else ()


def files_of(path: Any) -> dict[str, str]:
    """The files that a value of llm.path names, by their names in provenance: the stem of a file, unless it is named.

    Raises:
        ConfigError: it is neither a file, a list of files nor {NAME: FILE}, or two files would have one name.
    """
    if path is None or path == "":
        return {}
    if path in ([], {}):
        raise ConfigError(f"llm.path must name a file, got {path}: null takes the shipped replies")
    if not isinstance(path, Mapping):
        listed = path if isinstance(path, list) else [path]
        named = [(Path(str(file)).stem, file) for file in listed]
        repeated = [name for name, count in Counter(name for name, _ in named).items() if count > 1]
        if repeated:
            raise ConfigError(f"llm.path has two files named {repeated[0]}: name them, as in llm.path={{a: FILE, b: FILE}}")
    else:
        named = [(str(name), file) for name, file in path.items()]
    wrong = [file for _, file in named if not isinstance(file, str) or not file]
    odd = [name for name, _ in named if isinstance(path, Mapping) and not re.fullmatch(r"[\w-][\w\- ]*", name)]
    if wrong or odd:
        wanted = "names of letters, digits, '_', '-'" if odd else "a file, a list of files or {NAME: FILE}"
        raise ConfigError(f"llm.path must be {wanted}, got {(odd or wrong)[0]}")
    return dict(named)


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


@dataclass(frozen=True)
class ClassifierConfig(LlmConfig):
    """The LLM that classifies under `model=llm`; it has the same presets as the LLM that writes texts."""

    section: ClassVar[str] = "classifier"
    acts: ClassVar[Acts] = Acts.NUMBERS
    of_synthetic: ClassVar[bool] = False
    named_by: ClassVar[tuple[str, ...]] = ("name", "model")
    group: ClassVar[str] = "llm@classifier"
