"""p values adjusted over all arms, for the sentences that speak of arms; pure.

Criteria x arms in the primary metric are a family of their own (`Effect.p_family`). What is said of an average is one of as
many claims as there are arms: with eight arms that do nothing, one in five studies has an interval that excludes 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from synthsweep.compare.result.effects import MACRO, MICRO, ChangeDecomposition, Effect, PoolPair
from synthsweep.compare.stats.inference.multiplicity import holm


def over_arms(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """With `p_arms`: each average in each metric is a family of its own, which holds all contrasts of `effects`."""
    families: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(effects):
        if one.criterion in (MACRO, MICRO):
            families.setdefault((one.metric, one.criterion), []).append(place)
    adjusted: dict[int, float | None] = {}
    for places in families.values():
        adjusted |= dict(zip(places, _holm([effects[place].p for place in places]), strict=True))
    return tuple(replace(one, p_arms=adjusted[place]) if place in adjusted else one for place, one in enumerate(effects))


def over_pairs(pairs: Sequence[PoolPair]) -> tuple[PoolPair, ...]:
    """The same for pools, where the family is all pairs of a factor."""
    found: dict[int, PoolPair] = {}
    for factor in dict.fromkeys(pair.factor for pair in pairs):
        places = [place for place, pair in enumerate(pairs) if pair.factor == factor]
        by_contrast: Mapping[str, list[Effect]] = {one.contrast: [] for place in places for one in pairs[place].effects}
        for one in over_arms([effect for place in places for effect in pairs[place].effects]):
            by_contrast[one.contrast].append(one)
        for place in places:
            own = next((one.contrast for one in pairs[place].effects), "")
            found[place] = replace(pairs[place], effects=tuple(by_contrast.get(own, ())))
    return tuple(found[place] for place in range(len(pairs)))


def over_parts(splits: Sequence[ChangeDecomposition]) -> tuple[ChangeDecomposition, ...]:
    """Parts of the macro averages are one family over arms, metrics and both parts; those of criteria are not tested."""
    places = [place for place, one in enumerate(splits) if one.criterion == MACRO]
    p = _holm([p for place in places for p in (splits[place].ranking_p, splits[place].operating_point_p)])
    adjusted = dict(zip(places, zip(p[::2], p[1::2], strict=True), strict=True))
    none = (None, None)
    parts = [(one, *adjusted.get(place, none)) for place, one in enumerate(splits)]
    return tuple(replace(one, ranking_p=ranking, operating_point_p=operating) for one, ranking, operating in parts)


def _holm(p: Sequence[float | None]) -> list[float | None]:
    found = holm(np.array([np.nan if one is None else one for one in p], dtype=float))
    return [None if np.isnan(one) else float(one) for one in found]
