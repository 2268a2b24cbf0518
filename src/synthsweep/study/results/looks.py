"""What the looks of a study with `replicates=auto` found, in words, and the file that keeps them with the study's run; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from synthsweep.pages.numbers import counted, signed_points
from synthsweep.study.design.seed_rule import ArmLook, Look, SeedRule, look_of

FILE = "looks.json"


def write_looks(folder: Path, rule: SeedRule, looks: Sequence[Look]) -> None:
    """Writes the rule and its looks to `looks.json`."""
    kept = {"rule": asdict(rule), "looks": [look.plain() for look in looks]}
    (folder / FILE).write_text(json.dumps(kept, indent=1), encoding="utf-8")


def read_looks(path: Path) -> tuple[SeedRule, list[Look]]:
    """The rule and the looks that `write_looks` wrote.

    Raises:
        ValueError: the file is not one of these.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return SeedRule(**kept["rule"]), [look_of(look) for look in kept["looks"]]
    except (TypeError, KeyError) as error:
        raise ValueError(f"it is not a file of looks: {error}") from error


def look_line(rule: SeedRule, look: Look, configurations: int) -> str:
    """One line on a look: what was found, and what follows."""
    if look.stops:
        return f"stopped after {counted(look.seeds, 'seed')}: {why_stopped(rule, look)}"
    more = counted(look.following - look.seeds, "more seed")
    return f"after {counted(look.seeds, 'seed')}: {_found(rule, look)}: {more} for each of {configurations} configurations"


def why_stopped(rule: SeedRule, look: Look) -> str:
    """Why a study got no more seeds."""
    worst = _worst(look)
    if worst is None or look.reason == "unknown":
        return f"no arm has an interval of macro {look.metric}, which is undefined or does not vary: more seeds would not help"
    wanted = f"wanted {rule.wanted:g}"
    if look.reason == "decided":
        return "; ".join(map(_decision, look.arms))
    if look.reason == "texts":
        return (
            f"the texts' share alone gives {_points(worst.texts)}, {wanted}: more test texts would be needed{_findings(look)}"
        )
    if look.reason == "futile":
        return f"{_most(rule)} would still give {_points(worst.at_most)}, {wanted}: more seeds hardly help{_findings(look)}"
    most = f"{_most(rule)} is reached with " if look.reason == "most" else ""
    return f"{most}{_reached(rule, look)}{_findings(look)}"


def _most(rule: SeedRule) -> str:
    return f"hydra.sweeper.max_seeds={rule.most}"


def _found(rule: SeedRule, look: Look) -> str:
    worst = _worst(look)
    if worst is None:
        return "no interval is known yet"
    if worst.reached is not None and worst.reached <= rule.wanted:
        return f"{_reached(rule, look)}, which another look must confirm"
    within = worst.at_most is not None and worst.at_most <= rule.wanted
    left = "" if within else f"; {rule.most} seeds would give {_points(worst.at_most)}"
    done = sum(bool(arm.decided) for arm in look.arms)
    decided = f"; {done} of {counted(len(look.arms), 'arm')} decided" if done else ""
    return f"{_reached(rule, look)}{left}{decided}"


def _reached(rule: SeedRule, look: Look) -> str:
    worst = _worst(look)
    assert worst is not None
    of_arm = f" ({worst.arm})" if len(look.arms) > 1 else ""
    if rule.kind == "half_width":
        return f"half width {_points(worst.reached)}{of_arm}, wanted {rule.wanted:g}"
    return f"a change of {_points(worst.reached)} would be found{of_arm}, wanted {rule.wanted:g}"


def _worst(look: Look) -> ArmLook | None:
    """The arm of which least is known, among those that are not decided if there are any."""
    known = [arm for arm in look.arms if arm.half_width is not None]
    left = [arm for arm in known if not arm.decided] or known
    return max(left, key=lambda arm: float("inf") if arm.reached is None else arm.reached, default=None)


def _findings(look: Look) -> str:
    """What alpha spending says at the last look; empty for a rule without it."""
    if not any(arm.level for arm in look.arms):
        return ""
    return "; " + "; ".join(map(_decision, look.arms))


def _decision(arm: ArmLook) -> str:
    level = f"p {_p(arm.p)}, at this look held against {_p(arm.level)}"
    change = "" if arm.change is None else f" ({signed_points(arm.change)} points, {level})"
    if arm.decided == "changed":
        return f"{arm.arm}: a change is found{change}"
    small = "the wanted change would hardly be found any more" if arm.decided == "small" else "no change is found"
    return f"{arm.arm}: {small}{change}"


def _p(value: float | None) -> str:
    return "unknown" if value is None else "below 0.0001" if value < 0.0001 else f"{value:.2g}"


def _points(value: float | None) -> str:
    return "more than 100 points" if value is None else f"{value:.1f} points"


def statement(rule: SeedRule, looks: Sequence[Look]) -> list[str]:
    """The rule, its looks, why it stopped and which error it has, as sentences of a report without their full stops."""
    begin = f"seeds were added until {rule.text} ({rule.goal}), {rule.least} at first and {rule.most} at most"
    if not looks:
        return [f"{begin}: no look at them is kept yet, the study's command goes on"]
    taken = ", ".join(str(look.seeds) for look in looks)
    last = looks[-1]
    ended = (
        f"stopped after {counted(last.seeds, 'seed')}: {why_stopped(rule, last)}" if last.stops else "it has not stopped yet"
    )
    return [f"{begin}: looks after {taken} seeds; {ended}", ERRORS[rule.kind]]


ERRORS: Mapping[str, str] = {
    "half_width": (
        "that rule looks at widths and never at a change, so no level is corrected for its looks; as it stops sooner where "
        "seeds seem to agree, 93 to 95 % of its intervals hold the truth"
    ),
    "detect": (
        "that rule calls an arm changed in about 5 % of the studies in which it is not, over all looks together (per arm, by "
        "alpha spending of O'Brien and Fleming's type, Lan and DeMets 1983); intervals and p values here are not corrected"
    ),
}
