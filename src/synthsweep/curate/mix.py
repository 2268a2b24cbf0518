"""The mix of real and added texts that a run trains on, arm by arm; pure.

The dose is a prefix of an order that the caller gives, so that ratio 0.25 is part of 0.5, which is part of 1.0.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from synthsweep.config.synthetic import MixConfig
from synthsweep.curate.duplicate_real import duplicate_real
from synthsweep.curate.prevalence import label_rows, prevalence_matched, residual_of
from synthsweep.errors import PoolError
from synthsweep.examples import Example
from synthsweep.stratify import stratified_order


@dataclass(frozen=True)
class Mix:
    """What is trained on; `baseline` is the count of real texts that the real_only arm has.

    `added` are real texts beyond it. `residual` is the summed absolute difference, in texts, of the label counts of what
    was added, and of its texts without a label, to what the arm aims at; None where it aims at nothing.
    """

    real: tuple[Example, ...]
    synthetic: tuple[Example, ...]
    baseline: int
    added: tuple[Example, ...] = ()
    residual: float | None = None

    @property
    def examples(self) -> tuple[Example, ...]:
        return (*self.real, *self.added, *self.synthetic)


def wanted_texts(config: MixConfig, baseline: int) -> int:
    """How many texts an arm takes beside, or in place of, `baseline` real ones.

    For the arm target the baseline are the real texts that carry a target; prevalence_matched takes its own from so many.
    """
    if config.arm == "real_only":
        return 0
    if config.count is not None:
        return config.count
    # In binary, 0.29 of 50 is a hair under 14.5: half goes up by the ratio as it is written.
    return int(Decimal(str(config.ratio)) * baseline + Decimal("0.5"))


def draw_order(pool: Sequence[Example], *, seed: int) -> list[int]:
    """Indices of the pool in a seeded order whose every prefix has each criterion, and of it each LLM, at its share."""
    strata = [(example.provenance.criterion, example.provenance.llm) for example in pool]
    return stratified_order(strata, random.Random(f"{seed}/draw"))


def mix(
    real: Sequence[Example],
    pool: Sequence[Example],
    config: MixConfig,
    *,
    label_ids: Sequence[str],
    reserve: Sequence[Example] = (),
    seed: int,
) -> Mix:
    """The arm's training texts. `pool` (synthetic) and `reserve` (real, beyond the training set) stand in the order of taking.

    Raises:
        PoolError: there are too few texts for the ratio or count, a target is no label, or the mix would be empty.
    """
    given = _Given(tuple(real), tuple(pool), config, tuple(label_ids), tuple(reserve), seed)
    mixed = ARM_MIXES[config.arm](given)
    if not mixed.examples:
        raise PoolError(f"mix={config.arm} with {_amount(config)} holds no text to train on: raise mix.{_amount_key(config)}")
    return mixed


@dataclass(frozen=True)
class _Given:
    """What an arm is made of."""

    real: tuple[Example, ...]
    pool: tuple[Example, ...]
    config: MixConfig
    label_ids: tuple[str, ...]
    reserve: tuple[Example, ...]
    seed: int

    @cached_property
    def wanted(self) -> int:
        return wanted_texts(self.config, len(self.real))

    def dose(self) -> tuple[Example, ...]:
        """The synthetic texts that augment adds."""
        return _taken(self.pool, self.wanted, self.config, f"{len(self.real)} real texts", len(self.real))

    def mixed(
        self, synthetic: Sequence[Example] = (), *, added: tuple[Example, ...] = (), residual: float | None = None
    ) -> Mix:
        return Mix(self.real, tuple(synthetic), len(self.real), added, residual)

    def residual(self, added: Sequence[Example], aim: np.ndarray) -> float:
        return residual_of(added, aim, self.label_ids)

    @property
    def shares(self) -> np.ndarray:
        """(labels + 1,) of the real texts, those without a label last."""
        return np.asarray(label_rows(self.real, self.label_ids).sum(axis=0) / max(len(self.real), 1))


def _real_only(given: _Given) -> Mix:
    return given.mixed()


def _augment(given: _Given) -> Mix:
    return _more_real(given) if given.config.source == "original" else given.mixed(given.dose())


def _more_real(given: _Given) -> Mix:
    return given.mixed(added=_reserved(given, given.reserve, given.wanted, len(given.real)))


def _target(given: _Given) -> Mix:
    targets = given.config.targets
    baseline = len(_carrying(given.real, targets))
    _check_targets(given, baseline)
    wanted, kind = wanted_texts(given.config, baseline), f" with {' or '.join(targets)}"
    if given.config.source == "original":
        return given.mixed(added=_reserved(given, _carrying(given.reserve, targets), wanted, baseline, kind))
    of = f"{baseline} real texts{kind}"
    return given.mixed(_taken(_carrying(given.pool, targets), wanted, given.config, of, baseline, " of them"))


def _duplicate_real(given: _Given) -> Mix:
    wanted, ids = given.wanted, given.label_ids
    aim = label_rows(given.dose(), ids).sum(axis=0)
    added = duplicate_real(given.real, aim, wanted, ids, seed=given.seed)
    return given.mixed(added=added, residual=given.residual(added, aim))


def _prevalence_matched(given: _Given) -> Mix:
    chosen = prevalence_matched(given.real, given.dose(), given.label_ids, given.config.tolerance) if given.real else ()
    if given.wanted and not chosen:
        raise PoolError(
            f"mix.tolerance={given.config.tolerance:g}: none of the {given.wanted} synthetic texts can be added without moving "
            f"a label's share further than that: raise mix.tolerance"
        )
    return given.mixed(chosen, residual=given.residual(chosen, given.shares * len(chosen)))


def _size_matched(given: _Given) -> Mix:
    return given.mixed(given.dose()[: len(_prevalence_matched(given).synthetic)])


def _shuffled_labels(given: _Given) -> Mix:
    dose = given.dose()
    label_sets = [example.labels for example in dose]
    random.Random(f"{given.seed}/shuffle").shuffle(label_sets)
    return given.mixed([replace(example, labels=labels) for example, labels in zip(dose, label_sets, strict=True)])


def _synthetic_only(given: _Given) -> Mix:
    return replace(given.mixed(given.dose()), real=())


ARM_MIXES: Mapping[str, Callable[[_Given], Mix]] = {
    "real_only": _real_only,
    "augment": _augment,
    "target": _target,
    "duplicate_real": _duplicate_real,
    "more_real": _more_real,
    "prevalence_matched": _prevalence_matched,
    "size_matched": _size_matched,
    "shuffled_labels": _shuffled_labels,
    "synthetic_only": _synthetic_only,
}


def _carrying(examples: Sequence[Example], targets: Sequence[str]) -> tuple[Example, ...]:
    return tuple(example for example in examples if not example.labels.isdisjoint(targets))


def _check_targets(given: _Given, baseline: int) -> None:
    config = given.config
    for label in config.targets:
        if label not in given.label_ids:
            raise PoolError(f"mix.targets: {label} is none of labels.ids ({', '.join(given.label_ids)})")
    if config.count is None and config.ratio > 0 and not baseline:
        raise PoolError(
            f"mix.targets=[{','.join(config.targets)}]: no real training text carries any of them, so that "
            f"mix.ratio={config.ratio:g} takes none: set mix.count=N, or raise data.train_size"
        )


def _amount_key(config: MixConfig) -> str:
    return "ratio" if config.count is None else "count"


def _amount(config: MixConfig) -> str:
    return f"mix.ratio={config.ratio:g}" if config.count is None else f"mix.count={config.count}"


def _taken(
    pool: tuple[Example, ...], wanted: int, config: MixConfig, real: str, baseline: int, kind: str = ""
) -> tuple[Example, ...]:
    """The first `wanted` of the pool, if it has them."""
    if wanted <= len(pool):
        return pool[:wanted]
    takes = f"mix.ratio={config.ratio:g} of {real} takes {wanted} synthetic ones" if config.count is None else _amount(config)
    raise PoolError(
        f"{takes}, the pool has {len(pool)}{kind}, {wanted - len(pool)} too few: {_smaller(len(pool), config, baseline)}"
        "get a larger pool (generate.n, or llm.path=FILE)"
    )


def _smaller(size: int, config: MixConfig, baseline: int) -> str:
    if not size:
        return ""
    most = f"{size}" if config.count is not None else f"{int(100 * size / baseline) / 100:g}"
    return f"lower mix.{_amount_key(config)} to {most}, or "


def _reserved(given: _Given, reserve: tuple[Example, ...], wanted: int, baseline: int, kind: str = "") -> tuple[Example, ...]:
    """The first `wanted` of the real texts that were left out, if there are so many."""
    if wanted <= len(reserve):
        return reserve[:wanted]
    raise PoolError(
        f"mix={given.config.arm} with {_amount(given.config)} takes {wanted} real texts{kind} beyond the {len(given.real)} of "
        f"data.train_size, which leaves {len(reserve)}, {wanted - len(reserve)} too few: "
        f"{_smaller(len(reserve), given.config, baseline)}lower data.train_size{'' if kind else _fitting(given)}"
    )


def _fitting(given: _Given) -> str:
    """The largest training set that leaves enough of its part."""
    part = len(given.real) + len(given.reserve)
    size = next((size for size in range(part, 0, -1) if size + wanted_texts(given.config, size) <= part), 0)
    return f" to {size}" if size else " (no size leaves enough: get more real texts)"
