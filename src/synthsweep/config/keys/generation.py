"""The keys of the prompt, of how much is generated, and of what may leave this machine."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from synthsweep.config.prompt_conditions import require_conditions
from synthsweep.config.rules import Acts, Section, key
from synthsweep.errors import ConfigError

# How a template asks for the number of a text's profile, and for its further labels, as those of conf/prompt do.
NUMBERS_TEXTS = re.compile(r"\"profile\": *1\b|number i is the text of profile i")
ASKS_FOR_MORE = re.compile(r"\[also:|\"also\": *\[ *\"|name it in \"also\"")

# How a template shows the openings of earlier texts.
NAMES_OPENINGS = re.compile(r"\{[{%][^}]*\bopenings\b")


@dataclass(frozen=True)
class PromptConfig(Section):
    """What the LLM is asked."""

    section: ClassVar[str] = "prompt"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("variant",)
    variant: str = key("plain", help="name of the prompt, as reports show it")
    system: str = key("", help="system message (Jinja2)")
    template: str = key("", help="user message (Jinja2)")
    per_request: int = key(10, low=1, high=100, help="texts asked for in one request")
    labels: str = key(
        "asked",
        choices=("asked", "reply", "none", "source"),
        help="whose labels a text gets: the asked ones, the reply's, none, or its source text's",
    )
    attributes: dict[str, list[str]] = key(default_factory=dict, help="values from which a profile is drawn for each text")
    when: dict[str, Any] = key(
        default_factory=dict,
        added=True,
        help="what a value may stand beside, as speech: {fluent: {age: [5 to 9]}}; label is the criterion",
    )
    distinct: bool = key(False, added=True, help="true repeats a value within a request only once all that fit were drawn")
    personas: list[str] = key(default_factory=list, help="speakers, of whom one is drawn for each request")
    companions: int = key(0, low=0, high=20, help="further criteria that each text is to show")
    exemplars: int = key(0, low=0, high=50, help="real training texts shown in the prompt")
    openings: int = key(
        0,
        low=0,
        high=500,
        added=True,
        help="openings of a label's earlier synthetic texts that a prompt shows, the latest ones",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, values in self.attributes.items():
            if not values:
                raise ConfigError(f"prompt.attributes.{name} must hold at least one value to draw from, got {values}")
        require_conditions(self.attributes, self.when)
        if self.openings and not NAMES_OPENINGS.search(self.template):
            raise ConfigError(
                f"prompt.openings must be 0 for prompt={self.variant}, whose template does not name openings, "
                f"got {self.openings}: take prompt=diverse, or a template that shows them"
            )

    @property
    def numbers_texts(self) -> bool:
        """Whether the template asks that each text carries the number of its profile."""
        return bool(NUMBERS_TEXTS.search(self.template))

    def require_one_label(self) -> None:
        """Raises ConfigError where texts may get another number of labels than one, or are asked for further ones."""
        wrong = ""
        if self.companions:
            wrong = f"prompt.companions={self.companions} gives texts several labels"
        elif self.labels not in {"asked", "source"}:
            wrong = f"prompt.labels={self.labels} gives texts none or several labels"
        elif ASKS_FOR_MORE.search(self.template):
            wrong = "prompt.template asks for further labels"
        if wrong:
            raise ConfigError(
                f"prompt={self.variant}: {wrong}, and with labels.kind=single each text has exactly one: "
                "take prompt=plain, diverse_class or few_shot_class, or a template without [also: ...]"
            )


@dataclass(frozen=True)
class GenerateConfig(Section):
    """How much is generated, how fast, and for how much money at most."""

    section: ClassVar[str] = "generate"
    # Speed and budget change no text: with a larger budget, a study goes on.
    acts: ClassVar[Acts] = Acts.NEVER
    of_synthetic: ClassVar[bool] = True
    n: int | None = key(
        None,
        low=1,
        acts=Acts.NUMBERS,
        help="texts per label; null: all recorded, else 100",
        first=True,
    )
    max_words: int = key(150, low=0, acts=Acts.NUMBERS, help="words above which a synthetic text is rejected; 0 rejects none")
    max_usd: float | None = key(
        None, low=0, help="dollars that the pool, or all pools of a study, may ever cost; null pays nothing", first=True
    )
    on_demand: bool = key(True, help="false stops a run whose pool lacks texts, true asks the LLM for them")
    dry_run: bool = key(False, help="true prints the forecast of requests, time and cost, and sends nothing")
    preview: int = key(0, low=0, high=100, help="requests to send for a look at prompts, replies and texts; 0 fills the pool")
    batch: bool = key(False, help="true sends by the provider's Batch API: half the price, hours of waiting")
    batch_poll_s: float = key(30.0, above=0, help="seconds between looks at a batch")
    concurrency: int = key(32, low=1, high=1000, help="most requests under way at once; fewer while the server is slow or busy")
    timeout_s: float = key(
        120.0, above=0, help="seconds that a server may be silent before a request counts as failed; more for slow servers"
    )
    max_wait_s: float = key(
        600.0, low=0, help="longest wait, in seconds, that a server's limits may ask for before the job stops"
    )
    max_attempts: int = key(6, low=1, high=100, help="tries per request before it is given up")
    max_failures: int = key(5, low=1, help="requests given up in a row before the job stops")
    retry_too_long: bool = key(False, help="true asks again what this server refused as too long: its context is larger now")


@dataclass(frozen=True)
class PrivacyConfig(Section):
    """What may leave this machine."""

    section: ClassVar[str] = "privacy"
    acts: ClassVar[Acts] = Acts.NEVER
    allow_real_text: bool = key(False, help="true lets prompts send real texts to another machine", first=True)
