"""Whether a study has seeds enough: one look at its arms by the rule of `hydra.sweeper.until`; pure.

Two rules. `half_width` looks at the width of the intervals alone, never at a change, so no level need be corrected; what it
selects are small spreads, so it stops only where two looks in a row agree, or three where seeds make most of the width.
`detect` ends with the information with which a true change of the wanted size is found four times in five (Mehta and Tsiatis
2001), or before, where every arm is decided: as changed, by alpha spending (sequential.py), or as small, at an estimate with
which the wanted change would hardly be found any more (Lan, Simon and Halperin 1982; that never makes a finding). Spending
follows the number of seeds over the most there may be, which no data decide: by the information as a few seeds estimate it,
looks at which the spread seems small would spend most, and 7 to 10 % of the arms without a change would be found.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from scipy.special import stdtrit

from synthsweep.compare.result.effects import Effect, average_of
from synthsweep.compare.stats.power import Spread, detectable, seeds_needed
from synthsweep.compare.stats.sequential import conditional_power, levels
from synthsweep.study.design.seed_rule import ArmLook, Look, Reason, SeedRule

POINTS = 100
LEVEL = 0.95
# Further seeds are no help where all that may follow make the interval less than a tenth narrower.
NO_HELP = 0.9
# Below this chance, a change of the wanted size would hardly be found any more.
UNLIKELY = 0.1
# Looks in a row that must agree, where texts make at least half of the squared width; one more where they do not.
AGREEING, TEXTS_DOMINATE = 2, math.sqrt(0.5)
# At least two further seeds, and at most half as many as there are: their spread is better known with each look.
FEWEST_MORE, GROWTH = 2, 1.5


def look_at(rule: SeedRule, metric: str, effects: Sequence[Effect], seeds: int, earlier: Sequence[Look]) -> Look:
    """Looks at the macro averages of `metric`, after `earlier` looks in their order."""
    chosen = [one for one in effects if (one.metric, one.criterion) == (metric, average_of(metric))]
    arms = [_Arm(rule, effect, seeds) for effect in chosen]
    looked = _with_levels(rule, arms, earlier, last=False)
    reason = _reason(rule, looked, seeds, earlier)
    if reason and reason != "decided":
        looked = _with_levels(rule, arms, earlier, last=True)
    following = seeds if reason else _following(rule, arms, looked, seeds)
    return Look(seeds, following, reason, metric, tuple(looked))


@dataclass(frozen=True)
class _Arm:
    """The change of one arm, and what it would be known to with other numbers of seeds."""

    rule: SeedRule
    effect: Effect
    seeds: int

    @property
    def known(self) -> bool:
        return self.effect.interval is not None and self.effect.pairs > 1 and self.effect.seed_variance is not None

    @property
    def half_width(self) -> float:
        assert self.effect.interval is not None
        return POINTS * (self.effect.interval.high - self.effect.interval.low) / 2

    @property
    def error(self) -> float:
        """The standard error of the change."""
        return POINTS * math.sqrt((self.effect.seed_variance or 0.0) + (self.effect.text_variance or 0.0))

    def reached(self, seeds: float) -> float | None:
        """What the rule looks at, with so many seeds; endless ones leave the texts alone."""
        if self.rule.kind == "half_width":
            return self._half_width(seeds)
        found = detectable(self._spread, 10**6 if math.isinf(seeds) else max(round(self._pairs(seeds)), 2))
        return None if found is None else POINTS * found

    def needed(self) -> int:
        """The fewest seeds with which the rule holds, by the spread as it is known now; the most where none are enough."""
        if self.rule.kind == "detect":
            pairs = seeds_needed(self.rule.wanted / POINTS, self._spread)
            return self.rule.most if pairs is None else math.ceil(pairs * self.seeds / self.effect.pairs)
        enough = (n for n in range(self.seeds, self.rule.most) if self._half_width(n) <= self.rule.wanted)
        return next(enough, self.rule.most)

    def _pairs(self, seeds: float) -> float:
        """Of so many seeds, those in which the score will be defined."""
        return seeds * self.effect.pairs / self.seeds

    def _half_width(self, seeds: float) -> float:
        texts = max(self.half_width**2 - self._of_seeds(self.effect.pairs), 0.0)
        return math.sqrt(texts + (0.0 if math.isinf(seeds) else self._of_seeds(self._pairs(seeds))))

    def _of_seeds(self, pairs: float) -> float:
        """The squared part of the half width that comes from seeds."""
        variance = (self.effect.seed_variance or 0.0) * self.effect.pairs / pairs
        quantile = float(stdtrit(max(self._degrees * (pairs - 1), 1.0), (1 + LEVEL) / 2))
        return POINTS**2 * quantile**2 * variance

    @property
    def _degrees(self) -> float:
        """Degrees of freedom of the seeds' variance per seed after the first."""
        return (self.effect.seed_degrees or self.effect.pairs - 1) / (self.effect.pairs - 1)

    @property
    def _spread(self) -> Spread:
        seeds, texts = self.effect.seed_variance or 0.0, self.effect.text_variance or 0.0
        return Spread(math.sqrt(seeds * self.effect.pairs), math.sqrt(texts), seed_degrees=self._degrees)

    @cached_property
    def look(self) -> ArmLook:
        """Without what alpha spending says."""
        difference = self.effect.difference
        change = None if difference is None else POINTS * difference
        if not self.known:
            return ArmLook(self.effect.contrast, change, None, None, None, None)
        reached, at_most, texts = (self.reached(n) for n in (self.seeds, self.rule.most, math.inf))
        return ArmLook(self.effect.contrast, change, self.half_width, reached, at_most, texts, self.effect.p)


def _with_levels(rule: SeedRule, arms: Sequence[_Arm], earlier: Sequence[Look], *, last: bool) -> list[ArmLook]:
    """The looks at the arms, for `detect` with the level of this look and what is decided."""
    looks = [arm.look for arm in arms]
    if rule.kind == "half_width" or not arms:
        return looks
    fractions = [seeds / rule.most for seeds in (*(look.seeds for look in earlier), arms[0].seeds)]
    level = levels(fractions, [*fractions[:-1], 1.0] if last else fractions)[-1]
    found = {one.arm for look in earlier for one in look.arms if one.decided == "changed"}
    return [
        _decide(arm, replace(look, level=level), look.arm in found, bool(earlier))
        for arm, look in zip(arms, looks, strict=True)
    ]


def _decide(arm: _Arm, look: ArmLook, found_before: bool, later: bool) -> ArmLook:
    if found_before or (look.p is not None and look.p <= look.level):
        return replace(look, decided="changed")
    return replace(look, decided="small") if later and _is_small(arm, look) else look


def _is_small(arm: _Arm, look: ArmLook) -> bool:
    """Whether a change of the wanted size, if there is one, would hardly be found any more."""
    if look.change is None or not look.reached or not look.at_most or not arm.error:
        return False
    wanted = arm.rule.wanted
    share = min((max(look.at_most, wanted) / look.reached) ** 2, 1.0)
    return all(conditional_power(look.change, arm.error, true, share) < UNLIKELY for true in (wanted, -wanted))


def _reason(rule: SeedRule, looked: Sequence[ArmLook], seeds: int, earlier: Sequence[Look]) -> Reason:
    """Why the study stops at this look; empty where it goes on. At the first look, with its few seeds, only findings end it."""
    known = [arm for arm in looked if arm.half_width is not None]
    holds = _holds(rule, looked)
    if known and all(arm.decided for arm in known):
        return "decided"
    if seeds >= rule.most:
        return "reached" if holds else "most"
    if not earlier:
        return ""
    if not known:
        return "unknown"
    if holds:
        return "reached" if _is_confirmed(rule, looked, earlier) else ""
    open_arms = [arm for arm in known if not _arm_holds(rule, arm) and not arm.decided]
    if not open_arms or any(_is_helped(rule, arm) for arm in open_arms):
        return ""
    return "texts" if any(arm.texts is None or arm.texts > rule.wanted for arm in open_arms) else "futile"


def _holds(rule: SeedRule, looked: Sequence[ArmLook]) -> bool:
    known = [arm for arm in looked if arm.half_width is not None]
    return bool(known) and all(_arm_holds(rule, arm) for arm in known)


def _is_confirmed(rule: SeedRule, looked: Sequence[ArmLook], earlier: Sequence[Look]) -> bool:
    """Whether enough looks agree: the smaller the part of the texts, the more a small spread of few seeds may be chance."""
    of_texts = all((arm.texts or 0.0) >= TEXTS_DOMINATE * (arm.reached or 0.0) for arm in looked if arm.half_width is not None)
    before = AGREEING - 1 if of_texts else AGREEING
    return len(earlier) >= before and all(_holds(rule, look.arms) for look in earlier[-before:])


def _arm_holds(rule: SeedRule, arm: ArmLook) -> bool:
    return arm.reached is not None and arm.reached <= rule.wanted


def _is_helped(rule: SeedRule, arm: ArmLook) -> bool:
    """Whether seeds that may follow reach what is wanted, or come much nearer to it."""
    if arm.at_most is None:
        return False
    return arm.at_most <= rule.wanted or arm.reached is None or arm.at_most < NO_HELP * arm.reached


def _following(rule: SeedRule, arms: Sequence[_Arm], looked: Sequence[ArmLook], seeds: int) -> int:
    """How many seeds the next look has."""
    short = [
        arm for arm, look in zip(arms, looked, strict=True) if arm.known and not _arm_holds(rule, look) and not look.decided
    ]
    needed = max((arm.needed() for arm in short), default=seeds)
    return min(rule.most, max(seeds + FEWEST_MORE, min(needed, math.ceil(GROWTH * seeds))))
