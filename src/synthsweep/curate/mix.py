"""The mix of real and synthetic texts that a run trains on; pure.

The dose is a prefix of one seeded order of the pool: ratio 0.25 is part of 0.5, which is part of 1.0.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from synthsweep.config.schema import MixConfig
from synthsweep.draw import stratified_order
from synthsweep.errors import PoolError
from synthsweep.examples import Example


@dataclass(frozen=True)
class Mix:
    """What is trained on; `baseline` is the count of real texts that the real_only arm has."""

    real: tuple[Example, ...]
    synthetic: tuple[Example, ...]
    baseline: int

    @property
    def examples(self) -> tuple[Example, ...]:
        return (*self.real, *self.synthetic)


def wanted_synthetic(config: MixConfig, baseline: int) -> int:
    """How many synthetic texts an arm takes beside, or in place of, `baseline` real ones."""
    # In binary, 0.29 of 50 is a hair under 14.5: half goes up by the ratio as it is written.
    return 0 if config.arm == "real_only" else int(Decimal(str(config.ratio)) * baseline + Decimal("0.5"))


def mix(real: Sequence[Example], pool: Sequence[Example], config: MixConfig, *, seed: int) -> Mix:
    """The arm's training texts, drawn from the training part and the pool.

    Raises:
        PoolError: the pool is too small for the ratio, or the mix would be empty.
    """
    wanted = wanted_synthetic(config, len(real))
    if wanted > len(pool):
        raise PoolError(
            f"mix.ratio={config.ratio:g} of {len(real)} real texts takes {wanted} synthetic ones, the pool has {len(pool)}, "
            f"{wanted - len(pool)} too few: {_smaller(len(pool), len(real))}get a larger pool (generate.n, or llm.path=FILE)"
        )
    order = stratified_order([example.provenance.criterion for example in pool], random.Random(f"{seed}/draw"))
    drawn = tuple(pool[index] for index in order[:wanted])
    kept = () if config.arm == "synthetic_only" else tuple(real)
    if not kept and not drawn:
        raise PoolError(f"mix={config.arm} with mix.ratio={config.ratio:g} holds no text to train on: raise mix.ratio")
    return Mix(kept, drawn, baseline=len(real))


def _smaller(pool: int, real: int) -> str:
    return f"lower mix.ratio to {int(100 * pool / real) / 100:g}, or " if pool else ""
