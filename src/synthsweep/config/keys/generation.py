"""The keys of the prompt, of how much is generated, and of what may leave this machine."""

from dataclasses import dataclass, field
from typing import ClassVar

from synthsweep.config.rules import Acts, Section, key
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class PromptConfig(Section):
    """What the LLM is asked; templates are Jinja2.

    `labels` says which labels a text gets: the asked ones and those that the reply adds, those of the reply alone, none, or
    those of the real text that it rewrites. `attributes` are drawn per text, `personas` per request; `companions` is how many
    further criteria a text shows, `exemplars` how many real texts are in the prompt.
    """

    section: ClassVar[str] = "prompt"
    of_synthetic: ClassVar[bool] = True
    named_by: ClassVar[tuple[str, ...]] = ("variant",)
    variant: str = "plain"
    system: str = ""
    template: str = ""
    per_request: int = key(10, low=1, high=100)
    labels: str = key("asked", choices=("asked", "reply", "none", "source"))
    attributes: dict[str, list[str]] = field(default_factory=dict)
    personas: list[str] = field(default_factory=list)
    companions: int = key(0, low=0, high=20)
    exemplars: int = key(0, low=0, high=50)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, values in self.attributes.items():
            if not values:
                raise ConfigError(f"prompt.attributes.{name} must hold at least one value to draw from, got {values}")


@dataclass(frozen=True)
class GenerateConfig(Section):
    """How much is generated, how fast, and for how much money at most.

    `n` examples per criterion, null for all that a recording has; `max_usd` is what the pool, or the whole study, may cost.
    """

    section: ClassVar[str] = "generate"
    # Speed and budget change no text: with a larger budget, a study goes on.
    acts: ClassVar[Acts] = Acts.NEVER
    of_synthetic: ClassVar[bool] = True
    n: int | None = key(None, low=1, acts=Acts.NUMBERS)
    max_words: int = key(150, low=0, acts=Acts.NUMBERS)
    max_usd: float | None = key(None, low=0)
    on_demand: bool = True
    dry_run: bool = False
    preview: int = key(0, low=0, high=100)
    batch: bool = False
    batch_poll_s: float = key(30.0, above=0)
    concurrency: int = key(32, low=1, high=1000)
    timeout_s: float = key(120.0, above=0)
    max_attempts: int = key(6, low=1, high=100)
    max_failures: int = key(5, low=1)


@dataclass(frozen=True)
class PrivacyConfig(Section):
    """What may leave this machine."""

    section: ClassVar[str] = "privacy"
    acts: ClassVar[Acts] = Acts.NEVER
    allow_real_text: bool = False
