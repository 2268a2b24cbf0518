"""Do the intervals of an audit hold what they should? Simulated audits of known truth, put through the real `compute_findings`.

    python tests/benchmarks/audit_coverage.py [--audits 1000] [--n 140] [--only llm] [--accuracy 0.9] [--jobs 2]

Pools of 2 LLMs x 7 criteria with 300 texts each, or with 30 to 900. A text is right by chance: 83 of 100 everywhere, or 75 and
91 by LLM, or 65 to 98 by criterion. Each simulated audit has pools of its own, a clinician who says the truth of 140 texts, and
a judge who says it of every text with `--accuracy`. The sample is one of 20 that `draw_audit` draws.

    truth      share of right texts in the pool, the mean over audits (of an LLM or a criterion: over all of them, too)
    estimate   mean share that the audit tells
    half       mean half width of its 95 % interval, in points
    coverage   how often the interval holds the share of that very pool
    narrower   how much narrower the interval is with the judge; parts of fewer than ten judged texts have none

Exits with 1 if an interval of the whole, with or without judge, holds the truth less often than 92 times in 100.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from statistics import mean

import numpy as np

from synthsweep.audit.items import RIGHT, WRONG, Answer, Audit, Stratum
from synthsweep.audit.sample import draw_audit
from synthsweep.audit.stats.findings import Judged, Part, compute_findings
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.examples import Criterion, Example, LabelSet, Provenance, text_key

LLMS, CRITERIA = ("one", "two"), ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
LABELS = LabelSet("seven", tuple(Criterion(label) for label in CRITERIA))
EVEN = dict.fromkeys(((llm, label) for llm in LLMS for label in CRITERIA), 300)
# The larger LLM wrote three times as many texts, and each criterion has another number of them.
UNEVEN = {
    (llm, label): 30 * (1 + 2 * (llm == "two")) * (1 + 1.5 * place) for llm in LLMS for place, label in enumerate(CRITERIA)
}
BY_CRITERION = dict(zip(CRITERIA, (0.65, 0.72, 0.8, 0.84, 0.88, 0.94, 0.98), strict=True))
SAMPLES = 20
GROUPS = {"whole": "all", "an LLM": "llm", "a criterion": "criterion"}
LEAST_COVERAGE = 0.92


@dataclass(frozen=True)
class Design:
    """How likely a text of an LLM and a criterion is right, and how many there are."""

    name: str
    right: Mapping[tuple[str, str], float]
    sizes: Mapping[tuple[str, str], float]


SAME = dict.fromkeys(EVEN, 0.83)
LLM = {cell: {"one": 0.75, "two": 0.91}[cell[0]] for cell in EVEN}
CRITERION = {cell: BY_CRITERION[cell[1]] for cell in EVEN}
DESIGNS = (
    Design("the same everywhere", SAME, EVEN),
    Design("by llm", LLM, EVEN),
    Design("by criterion", CRITERION, EVEN),
    Design("the same everywhere, unequal pools", SAME, UNEVEN),
    Design("by llm, unequal pools", LLM, UNEVEN),
    Design("by criterion, unequal pools", CRITERION, UNEVEN),
)


@dataclass(frozen=True)
class Told:
    """What one audit says of one part: the truth, the estimate with its interval, and the same with the judge, if there is."""

    group: str
    truth: float
    plain: tuple[float, float, float]
    powered: tuple[float, float, float] | None


@cache
def audits(name: str, n: int) -> tuple[Audit, ...]:
    """Twenty samples of the pools of a design."""
    (design,) = (design for design in DESIGNS if design.name == name)
    pool = [
        Example(
            f"{llm}/{label}/{k}", f"{llm} {label} {k}", frozenset({label}), None, Provenance("synthetic", llm, "plain", label)
        )
        for (llm, label), size in design.sizes.items()
        for k in range(int(size))
    ]
    return tuple(draw_audit(pool, [], LABELS, AuditSettings(n=n), seed=seed) for seed in range(SAMPLES))


def simulated(design: Design, n: int, accuracy: float, seed: int) -> list[Told]:
    """One audit: pools, answers and a judge are drawn anew."""
    rng = np.random.default_rng(seed)
    audit = audits(design.name, n)[seed % SAMPLES]
    truth: dict[Stratum, np.ndarray] = {}
    verdicts: dict[Stratum, dict[str, bool]] = {}
    for stratum, size in audit.sizes.items():
        cell = (stratum.llm, stratum.criterion)
        truth[stratum] = rng.random(size) < design.right[cell]
        judged = np.where(rng.random(size) < accuracy, truth[stratum], ~truth[stratum])
        verdicts[stratum] = {text_key(f"{' '.join(cell)} {k}"): verdict for k, verdict in enumerate(judged.tolist())}
    answers = [
        Answer(item.id, "clinician", RIGHT if truth[item.stratum][int(item.example.rpartition("/")[2])] else WRONG)
        for item in audit.items
    ]
    found = compute_findings(audit, answers, Judged("judge", verdicts))
    return [told(part, truth) for part in found.parts if part.group in GROUPS.values()]


def told(part: Part, truth: Mapping[Stratum, np.ndarray]) -> Told:
    real = float(np.concatenate([truth[stratum] for stratum in part.strata]).mean())
    plain, powered = part.correctness, part.powered
    assert plain.value is not None
    # An interval is not there where judge and clinician never differ: it has no width.
    joined = powered and (
        powered.value,
        powered.value if powered.low is None else powered.low,
        powered.value if powered.high is None else powered.high,
    )
    return Told(part.group, real, (plain.value, plain.low or 0.0, plain.high or 0.0), joined)


def summed(pairs: Sequence[tuple[float, tuple[float, float, float]]]) -> tuple[float, float, float]:
    """Mean estimate, mean half width, coverage."""
    real, value, low, high = np.array([(true, *estimate) for true, estimate in pairs]).T
    return float(value.mean()), float((high - low).mean() / 2), float(np.mean((low <= real) & (real <= high)))


def lines(design: Design, found: Sequence[Told]) -> Iterator[tuple[str, float]]:
    """Of the whole, LLMs and criteria, each with its lowest coverage."""
    for title, group in GROUPS.items():
        of = [one for one in found if one.group == group]
        value, half, held = summed([(one.truth, one.plain) for one in of])
        row = f"{design.name if group == 'all' else '':36}{title:12}{100 * mean(one.truth for one in of):6.1f} "
        row += f"{100 * value:9.1f} {100 * half:5.1f} {held:9.3f}"
        both = [(one.truth, one.powered) for one in of if one.powered is not None]
        if both:
            value, narrow, held_too = summed(both)
            alone = summed([(one.truth, one.plain) for one in of if one.powered is not None])[1]
            row += f"   {100 * value:9.1f} {100 * narrow:5.1f} {held_too:9.3f} {100 * (1 - narrow / alone):8.0f} %"
            held = min(held, held_too)
        yield row, held if group == "all" else 1.0


def run(design: Design, audits_: int, n: int, accuracy: float, jobs: int) -> list[Told]:
    one = partial(simulated, design, n, accuracy)
    if jobs == 1:
        return [part for seed in range(audits_) for part in one(seed)]
    with ProcessPoolExecutor(jobs) as processes:
        return [part for parts in processes.map(one, range(audits_), chunksize=20) for part in parts]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--audits", type=int, default=1000)
    parser.add_argument("--n", type=int, default=140)
    parser.add_argument("--only", default="")
    parser.add_argument("--accuracy", type=float, default=0.9)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    begin = time.perf_counter()
    print(f"{'':48}{'':7}{'clinician alone':^25}   {'with the judge':^36}")
    print(f"{'design':36}{'part':12}{'truth':>6} " + 2 * f"{'estimate':>9} {'half':>5} {'coverage':>9}   " + "narrower")
    least = 1.0
    for design in (design for design in DESIGNS if options.only in design.name):
        found = run(design, options.audits, options.n, options.accuracy, options.jobs)
        for row, held in lines(design, found):
            print(row, flush=True)
            least = min(least, held)
    print(f"{options.audits} audits of {options.n} texts each, {time.perf_counter() - begin:.0f} s")
    return int(least < LEAST_COVERAGE)


if __name__ == "__main__":
    sys.exit(main())
