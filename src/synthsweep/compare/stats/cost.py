"""The cost and the gain of each arm; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from synthsweep.compare.grid import Cell
from synthsweep.compare.result.effects import MACRO, Effect
from synthsweep.compare.result.supplements import ArmCost
from synthsweep.compare.stats.contrasts import Arm, arms_of, partner_of

# The seconds of a run, without reading and generating its texts.
RUN_TIMES = ("time/train", "time/dev", "time/evaluate")


def costs(
    cells: Sequence[Cell],
    baseline: str | Mapping[str, str],
    effects: Sequence[Effect],
    *,
    arms_by: Sequence[str] | None = None,
) -> tuple[ArmCost, ...]:
    """The cost of each arm that has a baseline, from the facts of its runs and its macro effects.

    A pool is paid for once, but a run trains on part of it: dollars and tokens are the pool's mean per text, times the texts
    that were trained on. `baseline`: the name of one cell, or one per arm. `arms_by`: the arms are the settings of these
    factors, as in `arm_contrasts`, and their baseline is one cell.
    """
    arms = arms_of(cells, arms_by)
    pairs = [(arm, _arm_with(arms, partner_of(arm.name, baseline))) for arm in arms]
    found = [_cost(arm, _seconds(base), effects) for arm, base in pairs if base is not None and base is not arm]
    return tuple(replace(one, frontier=_at_front(one, found)) for one in found)


def _arm_with(arms: Sequence[Arm], cell: str) -> Arm | None:
    return next((arm for arm in arms if any(member.name == cell for member in arm.cells)), None)


def _cost(arm: Arm, base_s: float, effects: Sequence[Effect]) -> ArmCost:
    usd, seconds = _usd(arm), _seconds(arm)
    f1, average_precision = (_points(arm.name, metric, effects) for metric in ("f1", "average_precision"))
    return ArmCost(
        arm=arm.name,
        synthetic_texts=arm.fact("train/synthetic") or 0.0,
        usd=usd,
        tokens=_tokens(arm),
        train_s=seconds,
        f1_points=f1,
        ap_points=average_precision,
        usd_per_f1_point=_per_point(usd, f1),
        usd_per_ap_point=_per_point(usd, average_precision),
        extra_s_per_ap_point=_per_point(seconds - base_s, average_precision),
    )


def _usd(arm: Arm) -> float | None:
    """Dollars for the texts that were trained on; None if no text was paid for."""
    return _mean([cell.facts["cost/usd_per_text"] * _texts(cell) for cell in arm.cells if "cost/usd_per_text" in cell.facts])


def _tokens(arm: Arm) -> float | None:
    billed = [cell for cell in arm.cells if "cost/prompt_tokens" in cell.facts and cell.facts.get("synthetic/pool")]
    return _mean([_all_tokens(cell) / cell.facts["synthetic/pool"] * _texts(cell) for cell in billed])


def _all_tokens(cell: Cell) -> float:
    return cell.facts["cost/prompt_tokens"] + cell.facts.get("cost/completion_tokens", 0.0)


def _texts(cell: Cell) -> float:
    return cell.facts.get("train/synthetic", 0.0)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _seconds(arm: Arm) -> float:
    return sum(arm.fact(name) or 0.0 for name in RUN_TIMES)


def _points(arm: str, metric: str, effects: Sequence[Effect]) -> float | None:
    """The macro effect of an arm in points."""
    found = (one.difference for one in effects if (one.contrast, one.metric, one.criterion) == (arm, metric, MACRO))
    difference = next(found, None)
    return None if difference is None else 100 * difference


def _per_point(paid: float | None, points: float | None) -> float | None:
    """None if nothing was paid or nothing gained."""
    return paid / points if paid is not None and paid > 0 and points is not None and points > 0 else None


def _at_front(one: ArmCost, others: Sequence[ArmCost]) -> bool:
    """Whether the arm gains, and no other arm gains as much for less, or more for the same."""
    if one.ap_points is None or one.ap_points <= 0:
        return False
    return not any(_beats(other, one) for other in others if other is not one)


def _beats(other: ArmCost, one: ArmCost) -> bool:
    if other.ap_points is None or one.ap_points is None:
        return False
    # In dollars if both have them; an arm without a price is compared by time.
    in_dollars = one.usd is not None and other.usd is not None
    paid = [(cost.usd or 0.0) if in_dollars else cost.train_s for cost in (other, one)]
    return other.ap_points >= one.ap_points and paid[0] <= paid[1] and (other.ap_points, paid[0]) != (one.ap_points, paid[1])
