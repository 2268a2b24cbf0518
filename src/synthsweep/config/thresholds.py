"""Rules by which a threshold is chosen, as a user writes them; pure.

dev_f1, dev_f2, dev_f0.5      the best F score on dev; its number says how many times recall counts as much as precision
dev_recall>=0.9               the highest precision among thresholds with at least this recall on dev
dev_precision>=0.8            the highest recall among thresholds with at least this precision on dev
fn=5,fp=1                     the lowest cost on dev, where a missed positive costs 5 and a false alarm 1
0.5                           a number
{A1: 0.3, default: dev_f2}    one of these per label; `default` is for the others, dev_f1 if it is missing
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.config.compose.grammar import quoted
from synthsweep.config.keys.sweeper import UNTIL
from synthsweep.errors import ConfigError

# The entry of a mapping that holds for every label without one.
OTHERS = "default"
TAKES = "dev_f1, dev_f2, dev_recall>=0.9, dev_precision>=0.8, fn=5,fp=1, a number in [0, 1], or one of these per label"
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_F_SCORE = re.compile(rf"dev_f({_NUMBER})")
# A shell takes > for a file, so there is @ as well.
_AT_LEAST = re.compile(rf"dev_(recall|precision)(?:>=|@)({_NUMBER})")
_COST = re.compile(rf"(f[np])=({_NUMBER}),\s*(f[np])=({_NUMBER})")
# What Hydra's grammar does not read without quotes.
_BARE = re.compile(rf"(?<![\w'\"])(?:dev_(?:recall|precision)>=?{_NUMBER}|f[np]={_NUMBER},\s?f[np]={_NUMBER})(?![\w.'\"])")
_KEYS = ("evaluation.threshold", "compare.threshold")


@dataclass(frozen=True)
class Fixed:
    """A number, whatever dev says."""

    value: float

    def __str__(self) -> str:
        return str(self.value)

    @property
    def words(self) -> str:
        return f"fixed at {self.value:g}"


@dataclass(frozen=True)
class BestF:
    """The best F score on dev: recall counts `beta` times as much as precision."""

    beta: float

    def __str__(self) -> str:
        return f"dev_f{self.beta:g}"

    @property
    def words(self) -> str:
        return f"chosen per criterion on dev for the best F{self.beta:g}"


@dataclass(frozen=True)
class AtLeast:
    """The best of the other one among thresholds at which recall, or precision, is at least `least` on dev."""

    metric: str
    least: float

    def __str__(self) -> str:
        return f"dev_{self.metric}>={self.least:g}"

    @property
    def words(self) -> str:
        other = "precision" if self.metric == "recall" else "recall"
        return f"chosen per criterion on dev for the highest {other} at a {self.metric} of at least {self.least:g}"


@dataclass(frozen=True)
class Cost:
    """The lowest cost on dev."""

    missed: float
    false_alarm: float

    def __str__(self) -> str:
        return f"fn={self.missed:g},fp={self.false_alarm:g}"

    @property
    def words(self) -> str:
        costs = f"{self.missed:g} for a missed positive and {self.false_alarm:g} for a false alarm"
        return f"chosen per criterion on dev for the lowest cost, {costs}"


ThresholdRule = Fixed | BestF | AtLeast | Cost
USUAL = BestF(1.0)


@dataclass(frozen=True)
class ThresholdRules:
    """A rule for every label; `own` holds the rules of labels that have one of their own."""

    others: ThresholdRule
    own: tuple[tuple[str, ThresholdRule], ...] = ()

    def of(self, label: str) -> ThresholdRule:
        return dict(self.own).get(label, self.others)

    def __str__(self) -> str:
        """Equal for equal rules, however they were written."""
        if not self.own:
            return str(self.others)
        return "{" + ", ".join(f"{label}: {rule}" for label, rule in (*self.own, (OTHERS, self.others))) + "}"

    @property
    def fixed(self) -> bool:
        """Whether dev plays no part."""
        return all(isinstance(rule, Fixed) for rule in (self.others, *dict(self.own).values()))

    @property
    def words(self) -> str:
        """As a paragraph on methods says it."""
        own = [f"for {label} {rule.words}" for label, rule in self.own]
        return "; ".join([*own, f"for the other criteria {self.others.words}"]) if own else self.others.words


def threshold_rules(value: Any, key: str = "evaluation.threshold", *, fixed: bool = False) -> ThresholdRules:
    """The rules of a value of `key`; where it takes `fixed` numbers alone, messages speak of these.

    Raises:
        ConfigError: it is none, with the rule that it breaks.
    """
    if not isinstance(value, Mapping):
        return ThresholdRules(_rule(value, key, fixed=fixed))
    if not value:
        raise ConfigError(f"{key} must name at least one label, got {{}}: as in {key}='{{A1: 0.3, {OTHERS}: dev_f2}}'")
    unnamed = [label for label in value if isinstance(label, bool) or not isinstance(label, (str, int))]
    if unnamed:
        raise ConfigError(f"{key}: a label must be text, got {unnamed[0]}: write it in quotes")
    named = {str(label): _rule(one, f"{key}.{label}", fixed=fixed) for label, one in value.items()}
    others = named.pop(OTHERS, USUAL)
    # A label with the rule of the others needs none of its own.
    return ThresholdRules(others, tuple((label, named[label]) for label in sorted(named) if named[label] != others))


def fixed_thresholds(value: Any, key: str) -> ThresholdRules:
    """The same where no dev texts are at hand: numbers alone; a label that a mapping leaves out has no number.

    Raises:
        ConfigError: it is another rule.
    """
    rules = threshold_rules(value, key, fixed=True)
    named = isinstance(value, Mapping)
    chosen = (*(rule for _, rule in rules.own), *([rules.others] if not named or OTHERS in value else []))
    wrong = next((rule for rule in chosen if not isinstance(rule, Fixed)), None)
    if wrong is not None:
        raise ConfigError(
            f"{key} must be a number in [0, 1] or one per label, got {wrong}: there are no dev texts to tune it on"
        )
    return rules


def require_labels(value: Any, labels: Sequence[str], key: str = "evaluation.threshold") -> None:
    """Raises ConfigError where a mapping names a label that there is not, or a label has the name of the other entry."""
    if not isinstance(value, Mapping):
        return
    unknown = [str(label) for label in value if str(label) not in {*labels, OTHERS}]
    if unknown:
        raise ConfigError(f"{key}: there is no label {unknown[0]}; there are {', '.join(labels)}, and {OTHERS} for the others")
    if OTHERS in labels and OTHERS in value:
        raise ConfigError(f"{key}.{OTHERS} is for the labels without an entry, and a label has this name: name every label")


def in_grammar(override: str) -> str:
    """An override of a threshold, a rule of seeds or the name of an arm with quotes where Hydra's grammar needs them.

    As `evaluation.threshold=dev_recall>=0.9`.
    """
    key, equals, value = override.partition("=")
    # The name of an arm holds spaces and equals signs, and its levels may be listed with commas.
    named = key == "run" and value.startswith(("best:", "arm:"))
    if (named or key.lstrip("+") == UNTIL) and not value.startswith(("'", '"')) and value != "null":
        return f"{key}{equals}{quoted(value)}"
    if key.lstrip("+").removeprefix("hydra.sweeper.params.") not in _KEYS:
        return override
    quotes = {"'", '"'} & set(value)
    return override if quotes else f"{key}{equals}{_BARE.sub(lambda found: quoted(found[0]), value)}"


def is_threshold(key: str) -> bool:
    """Whether a key takes these rules."""
    return key in _KEYS


def _rule(value: Any, key: str, *, fixed: bool = False) -> ThresholdRule:
    text = "" if isinstance(value, (bool, list, Mapping)) or value is None else str(value).strip()
    if re.fullmatch(_NUMBER, text) and 0 <= float(text) <= 1:
        return Fixed(float(text))
    if (found := _F_SCORE.fullmatch(text)) and 0 < float(found[1]) <= 100:
        return BestF(float(found[1]))
    if (found := _AT_LEAST.fullmatch(text)) and 0 < float(found[2]) <= 1:
        return AtLeast(found[1], float(found[2]))
    if (found := _COST.fullmatch(text)) and {found[1], found[3]} == {"fn", "fp"}:
        costs = {found[1]: float(found[2]), found[3]: float(found[4])}
        if min(costs.values()) > 0 and max(costs.values()) < float("inf"):
            return Cost(costs["fn"], costs["fp"])
    # Of a number, the hint names a number.
    hint = _hint(text) if not fixed or text[:1].isdigit() else ""
    raise ConfigError(f"{key} must be {_NUMBER_ONLY}{'' if fixed else _OR_RULE}, got {value}{hint}")


_NUMBER_ONLY = "a number in [0, 1]"
_OR_RULE = ", dev_fB (as dev_f1, dev_f2), dev_recall>=R, dev_precision>=P (R and P in (0, 1]) or fn=COST,fp=COST (above 0)"


def _hint(text: str) -> str:
    """What a near miss was meant to be."""
    percent = re.fullmatch(rf"(dev_\w+>=|dev_\w+@|)({_NUMBER})\s*%?", text)
    if percent and 1 < float(percent[2]) <= 100:
        return f": write {percent[1]}{float(percent[2]) / 100:g} for {percent[2]} %"
    near = re.fullmatch(rf"(?:dev_)?(recall|precision)\s*(?:>=|=>|>|=|@|≥)\s*({_NUMBER})", text)
    if near:
        return f": write dev_{near[1]}>={near[2]}"
    if text in {"dev_recall", "dev_precision"}:
        # A shell has taken the rest for the name of a file.
        return f": write it in quotes, '{text}>=0.9', or without them {text}@0.9"
    return ": write dev_f1" if re.fullmatch(r"(?:dev_)?f_?1?", text, re.IGNORECASE) else ""
