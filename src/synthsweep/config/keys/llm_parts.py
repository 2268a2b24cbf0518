"""Sections below the key `llm`: the simulator, the rewriters, and prices."""

from dataclasses import dataclass
from typing import ClassVar

from synthsweep.config.rules import MAX_SEED, Section, key
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class SimulatorConfig(Section):
    """The faults of llm=simulator."""

    section: ClassVar[str] = "llm.simulator"
    label_noise: float = key(0.0, low=0, high=1, help="share of its texts written for another label than they are filed under")
    omission: float = key(0.0, low=0, high=1, help="share of its texts whose further labels are left out")
    duplication: float = key(0.0, low=0, high=1, help="share of its texts that repeat an earlier one")
    diversity: float = key(1.0, above=0, high=1, help="share of the real training texts that it draws from")
    length: int = key(0, low=0, help="words per text; 0 keeps the length of the real ones")
    style_gap: float = key(0.0, low=0, high=1, help="share of words exchanged for those of a formal report")
    seed: int = key(1, low=0, high=MAX_SEED, help="seed of the simulator")


@dataclass(frozen=True)
class RewriterConfig(Section):
    """How llm=eda and llm=masked_lm change a real text."""

    section: ClassVar[str] = "llm.rewriter"
    change: float = key(0.15, above=0, high=1, help="share of a text's words that are changed")
    model: str | None = key(None, help="masked language model that fills the gaps, by name or folder")
    seed: int = key(1, low=0, high=MAX_SEED, help="seed of the words that are changed")


@dataclass(frozen=True)
class PriceConfig(Section):
    """The LLM's prices, in place of those that genai-prices lists."""

    section: ClassVar[str] = "llm.price_per_million"
    input: float | None = key(None, low=0, help="dollars per million input tokens; null takes the published price")
    output: float | None = key(None, low=0, help="dollars per million output tokens; null takes the published price")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.input is None) != (self.output is None):
            raise ConfigError("llm.price_per_million.input and llm.price_per_million.output must both be given, got one")
