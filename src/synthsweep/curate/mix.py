"""The mix of real and added texts that a run trains on, arm by arm; pure.

The dose is a prefix of an order that the caller gives: the texts of ratio 0.25 are among those of 0.5, and these among those
of 1.0.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from synthsweep.config.keys.synthetic import MixConfig
from synthsweep.curate.duplicate_real import duplicate_real
from synthsweep.curate.prevalence import known_rows, label_rows, prevalence_matched, residual_of
from synthsweep.curate.rounding import texts_of_share
from synthsweep.errors import PoolError
from synthsweep.examples import Example
from synthsweep.stratify import stratified_order


@dataclass(frozen=True)
class Mix:
    """The training texts of a run; `baseline` is the number of real texts of the real_only arm, `added` are further real ones.

    `residual` is the summed absolute difference, in texts, between the label counts that the arm aims at and those of the
    added texts (texts without a label count as one more label); None for an arm without such an aim.
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
    """How many texts an arm adds to `baseline` real ones, or takes instead of them.

    In the arm target, `baseline` counts the real texts that carry a target; prevalence_matched takes a subset of the result.
    """
    if config.arm == "real_only":
        return 0
    if config.count is not None:
        return config.count
    return texts_of_share(config.ratio, baseline)


def most_texts(config: MixConfig, real: Sequence[Example], most_pool: int | None = None) -> int:
    """How many texts an arm trains on at most, known before any text is written; `most_pool` is how many a pool will have.

    Raises:
        PoolError: that is too few for the ratio or count.
    """
    baseline = len(_with_any_label(real, config.targets)) if config.arm == "target" else len(real)
    wanted = wanted_texts(config, baseline)
    if most_pool is not None:
        _require_size(most_pool, wanted, config, f"{baseline} real texts", baseline)
    return wanted if config.arm == "synthetic_only" else len(real) + wanted


def draw_order(pool: Sequence[Example], *, seed: int) -> list[int]:
    """Indices of the pool in a seeded order; each prefix holds every criterion, and every LLM within it, at its share."""
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
    """The training texts of an arm; `pool` (synthetic) and `reserve` (real, beyond the training set) are taken from the front.

    Raises:
        PoolError: there are too few texts for the ratio or count, a target is not a label, or the mix would be empty.
    """
    inputs = ArmInputs(tuple(real), tuple(pool), config, tuple(label_ids), tuple(reserve), seed)
    mixed = ARM_MIXES[config.arm](inputs)
    if not mixed.examples:
        raise PoolError(f"mix={config.arm} with {_amount(config)} holds no text to train on: raise mix.{_amount_key(config)}")
    return mixed


@dataclass(frozen=True)
class ArmInputs:
    """The texts and settings that an arm is mixed from."""

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
        """The synthetic texts that the arm augment adds."""
        return _first_of_pool(self.pool, self.wanted, self.config, f"{len(self.real)} real texts", len(self.real))

    def mixed(
        self, synthetic: Sequence[Example] = (), *, added: tuple[Example, ...] = (), residual: float | None = None
    ) -> Mix:
        return Mix(self.real, tuple(synthetic), len(self.real), added, residual)

    def residual(self, added: Sequence[Example], aim: np.ndarray) -> float:
        return residual_of(added, aim, self.label_ids)

    @property
    def shares(self) -> np.ndarray:
        """(labels + 1,) share of the real texts with each label, and of those without any, among those that are decided on."""
        known = known_rows(self.real, self.label_ids).sum(axis=0)
        return np.asarray(label_rows(self.real, self.label_ids).sum(axis=0) / np.maximum(known, 1))


def _real_only(inputs: ArmInputs) -> Mix:
    return inputs.mixed()


def _augment(inputs: ArmInputs) -> Mix:
    return _more_real(inputs) if inputs.config.source == "original" else inputs.mixed(inputs.dose())


def _more_real(inputs: ArmInputs) -> Mix:
    return inputs.mixed(added=_first_of_reserve(inputs, inputs.reserve, inputs.wanted, len(inputs.real)))


def _target(inputs: ArmInputs) -> Mix:
    targets = inputs.config.targets
    baseline = len(_with_any_label(inputs.real, targets))
    _check_targets(inputs, baseline)
    wanted, kind = wanted_texts(inputs.config, baseline), f" with {' or '.join(targets)}"
    if inputs.config.source == "original":
        return inputs.mixed(added=_first_of_reserve(inputs, _with_any_label(inputs.reserve, targets), wanted, baseline, kind))
    of = f"{baseline} real texts{kind}"
    return inputs.mixed(_first_of_pool(_with_any_label(inputs.pool, targets), wanted, inputs.config, of, baseline, " of them"))


def _duplicate_real(inputs: ArmInputs) -> Mix:
    wanted, ids = inputs.wanted, inputs.label_ids
    aim = label_rows(inputs.dose(), ids).sum(axis=0)
    added = duplicate_real(inputs.real, aim, wanted, ids, seed=inputs.seed)
    return inputs.mixed(added=added, residual=inputs.residual(added, aim))


def _prevalence_matched(inputs: ArmInputs) -> Mix:
    chosen = prevalence_matched(inputs.real, inputs.dose(), inputs.label_ids, inputs.config.tolerance) if inputs.real else ()
    if inputs.wanted and not chosen:
        raise PoolError(
            f"mix.tolerance={inputs.config.tolerance:g}: none of the {inputs.wanted} synthetic texts can be added without "
            f"moving a label's share further than that: raise mix.tolerance"
        )
    return inputs.mixed(chosen, residual=inputs.residual(chosen, inputs.shares * len(chosen)))


def _size_matched(inputs: ArmInputs) -> Mix:
    return inputs.mixed(inputs.dose()[: len(_prevalence_matched(inputs).synthetic)])


def _shuffled_labels(inputs: ArmInputs) -> Mix:
    dose = inputs.dose()
    label_sets = [example.labels for example in dose]
    random.Random(f"{inputs.seed}/shuffle").shuffle(label_sets)
    return inputs.mixed([replace(example, labels=labels) for example, labels in zip(dose, label_sets, strict=True)])


def _synthetic_only(inputs: ArmInputs) -> Mix:
    return replace(inputs.mixed(inputs.dose()), real=())


ARM_MIXES: Mapping[str, Callable[[ArmInputs], Mix]] = {
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


def _with_any_label(examples: Sequence[Example], targets: Sequence[str]) -> tuple[Example, ...]:
    return tuple(example for example in examples if not example.labels.isdisjoint(targets))


def _check_targets(inputs: ArmInputs, baseline: int) -> None:
    config = inputs.config
    for label in config.targets:
        if label not in inputs.label_ids:
            raise PoolError(f"mix.targets: {label} is none of labels.ids ({', '.join(inputs.label_ids)})")
    if config.count is None and config.ratio > 0 and not baseline:
        raise PoolError(
            f"mix.targets=[{','.join(config.targets)}]: no real training text carries any of them, so that "
            f"mix.ratio={config.ratio:g} takes none: set mix.count=N, or raise data.train_size"
        )


def _amount_key(config: MixConfig) -> str:
    return "ratio" if config.count is None else "count"


def _amount(config: MixConfig) -> str:
    return f"mix.ratio={config.ratio:g}" if config.count is None else f"mix.count={config.count}"


def _first_of_pool(
    pool: tuple[Example, ...], wanted: int, config: MixConfig, real: str, baseline: int, kind: str = ""
) -> tuple[Example, ...]:
    """The first `wanted` texts of the pool; raises PoolError if it has fewer."""
    _require_size(len(pool), wanted, config, real, baseline, kind)
    return pool[:wanted]


def _require_size(size: int, wanted: int, config: MixConfig, real: str, baseline: int, kind: str = "") -> None:
    if wanted <= size:
        return
    takes = f"mix.ratio={config.ratio:g} of {real} takes {wanted} synthetic ones" if config.count is None else _amount(config)
    raise PoolError(
        f"{takes}, the pool has {size}{kind}, {wanted - size} too few: {_smaller(size, config, baseline)}"
        "get a larger pool (generate.n, or llm.path=FILE)"
    )


def _smaller(size: int, config: MixConfig, baseline: int) -> str:
    if not size:
        return ""
    most = f"{size}" if config.count is not None else f"{int(100 * size / baseline) / 100:g}"
    return f"lower mix.{_amount_key(config)} to {most}, or "


def _first_of_reserve(
    inputs: ArmInputs, reserve: tuple[Example, ...], wanted: int, baseline: int, kind: str = ""
) -> tuple[Example, ...]:
    """The first `wanted` real texts beyond the training set; raises PoolError if there are fewer."""
    if wanted <= len(reserve):
        return reserve[:wanted]
    raise PoolError(
        f"mix={inputs.config.arm} with {_amount(inputs.config)} takes {wanted} real texts{kind} beyond the "
        f"{len(inputs.real)} of data.train_size, which leaves {len(reserve)}, {wanted - len(reserve)} too few: "
        f"{_smaller(len(reserve), inputs.config, baseline)}lower data.train_size{'' if kind else _largest_train_size(inputs)}"
    )


def _largest_train_size(inputs: ArmInputs) -> str:
    """The largest data.train_size that leaves enough real texts."""
    whole = len(inputs.real) + len(inputs.reserve)
    size = next((size for size in range(whole, 0, -1) if size + wanted_texts(inputs.config, size) <= whole), 0)
    return f" to {size}" if size else " (no size leaves enough: get more real texts)"
