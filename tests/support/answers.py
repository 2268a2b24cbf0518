"""Whole answers for tests of what shows them: a factorial, a search, one of undefined values, one of many long labels."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from synthsweep.compare.result.comparison import Comparison, StudyProvenance
from synthsweep.compare.result.effects import ALL, METRICS, ChangeDecomposition, DoseCurve, DosePoint, Effect, Interval
from synthsweep.compare.result.search import Confirmation, SearchResult, SearchTrial
from synthsweep.compare.result.supplements import (
    ArmCost,
    ArmScores,
    Association,
    CountChange,
    ExcludedRun,
    Power,
    RealWorth,
    TfidfBaseline,
    VarianceShare,
)
from synthsweep.compare.setup import StudySetup

LABELS = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
NAMES = {
    "A1": "Social-emotional reciprocity",
    "A2": "Nonverbal communication",
    "A3": "Relationships",
    "B1": "Stereotyped or repetitive movements, objects or speech",
    "B2": "Insistence on sameness",
    "B3": "Restricted interests",
    "B4": "Sensory reactions",
}
ARMS = ("llm=gpt-4o-mini, prompt=plain", "llm=gpt-4o-mini, prompt=attributed", "llm=recorded, prompt=plain", "shuffled_labels")
BASELINE = "real_only"
SCALES = {"precision": -0.03, "recall": 0.05, "f1": 0.02, "average_precision": 0.025, "brier": -0.005}
PROVENANCE = StudyProvenance(
    commands=(
        "synthsweep run -m study=prompts llm=gpt-4o-mini,recorded prompt=plain,attributed replicates=6",
        "synthsweep compare study=prompts",
    ),
    versions={"synthsweep": "0.4.0", "torch": "2.13.0", "transformers": "5.1.0"},
    commits=("3f1c2d9",),
    made="2026-07-01 12:00 UTC",
    resamples=2000,
    seed=0,
    tracking="sqlite:///mlruns/mlflow.db",
)
SETUP = StudySetup(
    corpora=("demo",),
    encoders=("minilm (package:weights)",),
    llms=("gpt-4o-mini",),
    prompts=("plain", "attributed"),
    prompt_texts={"plain": "Write ten texts about {{ criterion }}."},
    training={
        "epochs": ("12",), "learning_rate": ("2e-05",), "batch_size": ("16",), "max_length": ("128",),
        "match_steps": ("True",), "select_by": ("average_precision",),
    },
    thresholds=("chosen per criterion on dev for the best F1",),
    real=(400,),
    synthetic=(200,),
    dev=(120,),
    seeds={"seeds.subset": ("1",), "seeds.init": ("1", "2", "3", "4", "5", "6")},
)  # fmt: skip
WORTH = RealWorth(
    arm="",
    real=400,
    synthetic=200,
    score=0.45,
    difference=Interval(-0.01, 0.05),
    equal=470,
    above=False,
    low=410,
    high=None,
    curve=((200, 0.38), (400, 0.42), (800, 0.5)),
)
EMPTY = Comparison(
    studies=("empty",),
    design="factorial",
    labels=("A",),
    label_names={},
    positives={},
    test_texts=10,
    test_groups=10,
    grouped=False,
    texts="shared",
    blocks=("seed 0",),
    baseline=BASELINE,
    primary="average_precision",
    primary_stated=False,
    factors={},
    arms=(),
    effects=(),
    main_effects=(),
    interactions=(),
    decompositions=(),
    doses=(),
    associations=(),
    variances=(),
    power=(),
    costs=(),
    tfidf_baseline=None,
    excluded=(),
    warnings=(),
    headline=("Nothing can be said.",),
    provenance=PROVENANCE,
)


def factorial(labels: Sequence[str] = LABELS, arms: Sequence[str] = ARMS) -> Comparison:
    """Four arms and a baseline, six seeds, one test set; everything that a factorial can say is there."""
    rng = np.random.default_rng(1)
    draw = Draw(rng, tuple(labels), tuple(arms))
    effects = tuple(draw.effect(arm, metric, row) for arm in arms for metric in METRICS for row in draw.rows)
    return replace(
        EMPTY,
        studies=("prompts",),
        partners=dict.fromkeys(arms, BASELINE),
        labels=tuple(labels),
        label_names={label: NAMES.get(label, label) for label in labels},
        positives={label: int(rng.integers(8, 60)) for label in labels},
        test_texts=420,
        test_groups=41,
        grouped=True,
        blocks=tuple(f"seed {seed}" for seed in range(6)),
        primary_stated=True,
        factors={"llm": ("gpt-4o-mini", "recorded"), "prompt": ("plain", "attributed")},
        arms=tuple(draw.arm(name) for name in (BASELINE, *arms)),
        effects=effects,
        main_effects=draw.contrasts("llm: recorded − gpt-4o-mini", "prompt: attributed − plain"),
        interactions=draw.contrasts("llm × prompt: recorded, attributed"),
        decompositions=tuple(split for effect in effects for split in draw.splits(effect)),
        doses=tuple(draw.dose(row) for row in draw.rows[:-1]),
        associations=ASSOCIATIONS,
        variances=VARIANCES,
        power=tuple(draw.power(label) for label in draw.rows[:-1]),
        counts=tuple(draw.count(arm, row) for arm in arms for row in (*labels, ALL)),
        worth=(replace(WORTH, arm=arms[0]),),
        setup=SETUP,
        costs=tuple(draw.cost(place, arm) for place, arm in enumerate((BASELINE, *arms))),
        tfidf_baseline=TfidfBaseline(0.431, 0.405, "mean of 6 seeds"),
        excluded=(
            ExcludedRun("0a1b2c3d4e5f", "trial 3 replicate 2", "FAILED", "OutOfMemoryError: 2 GB on a device of 1 GB"),
            ExcludedRun("1f2e3d4c5b6a", "trial 4 replicate 5", "RUNNING", "unfinished: seed 5 is missing for one arm"),
        ),
        warnings=("Seed 5 is left out of all arms: one of them has no finished run of it.",),
        verdict="1 of 4 arms raised macro average precision.",
        headline=(
            "llm=gpt-4o-mini, prompt=attributed raises macro average precision by 3.2 points [0.9, 5.4].",
            "The rise in recall of the other arms is a shift of the operating point.",
        ),
        demo=True,
    )


class Draw:
    """Draws values that hang together, as a study would give them."""

    def __init__(self, rng: np.random.Generator, labels: tuple[str, ...], arms: tuple[str, ...]) -> None:
        self.rng, self.labels, self.arms = rng, labels, arms
        self.rows = (*labels, "macro", "micro")
        self.bases = {(metric, row): float(rng.uniform(0.3, 0.6)) for metric in METRICS for row in self.rows}

    def effect(self, contrast: str, metric: str, criterion: str) -> Effect:
        average = criterion in {"macro", "micro"}
        spread = 0.012 if average else 0.035
        difference = float(self.rng.normal(SCALES.get(metric, 0.02), spread))
        half = float(spread * self.rng.uniform(1.2, 2.2))
        base = self.bases[metric, criterion]
        p = float(np.clip(np.exp(-2 * (difference / half) ** 2), 1e-5, 1))
        tested = metric == "average_precision" and not average
        return Effect(
            contrast,
            metric,
            criterion,
            base,
            base + difference,
            difference,
            Interval(difference - half, difference + half),
            pairs=6,
            p=p,
            p_family=min(1.0, 7 * p) if tested else None,
            p_sign_flip=min(1.0, 5 * p) if tested else None,
            q=min(1.0, 3 * p),
            seed_variance=(half / 2) ** 2 * (share := float(self.rng.uniform(0.2, 0.7))),
            text_variance=(half / 2) ** 2 * (1 - share),
            degrees=7.3,
            p_arms=min(1.0, len(self.arms) * p) if average else None,
        )

    def contrasts(self, *names: str) -> tuple[Effect, ...]:
        return tuple(self.effect(name, metric, row) for name in names for metric in METRICS for row in self.rows)

    def splits(self, effect: Effect) -> list[ChangeDecomposition]:
        if effect.metric not in {"precision", "recall"} or effect.difference is None:
            return []
        ranking = float(self.rng.normal(0.005, 0.008))
        moved = effect.difference - ranking
        spans = Interval(ranking - 0.02, ranking + 0.02), Interval(moved - 0.02, moved + 0.02)
        names = effect.contrast, effect.metric, effect.criterion
        return [
            ChangeDecomposition(
                *names, effect.difference, ranking, spans[0], moved, spans[1], 0.12, 0.16, *self._p(effect, ranking, moved)
            )
        ]

    def _p(self, effect: Effect, *parts: float) -> list[float | None]:
        """Of the parts of a macro average, as if one standard error were a point."""
        return [float(np.exp(-((50 * part) ** 2))) if effect.criterion == "macro" else None for part in parts]

    def dose(self, criterion: str) -> DoseCurve:
        doses = (0.25, 0.5, 1.0, 2.0)
        points = tuple(DosePoint(dose, self.effect(f"ratio={dose}", "average_precision", criterion)) for dose in doses)
        heights = np.sort([point.effect.difference or 0.0 for point in points])
        trend = self.effect("trend", "average_precision", criterion)
        smooth = tuple(zip(doses, map(float, heights), strict=True))
        return DoseCurve("mix.ratio", "llm=gpt-4o-mini", "average_precision", criterion, points, smooth, trend)

    def count(self, arm: str, criterion: str) -> CountChange:
        return CountChange(arm, criterion, 6.2, 3.1, 3.6, 2.0, 2.9, gained=0.8, lost=0.3, new=1.4, gone=0.5)

    def power(self, criterion: str) -> Power:
        needed = None if criterion == self.labels[0] else 14
        return Power(criterion, 23, 6, 0.012, 0.018, 0.052, 0.03, needed, "estimated from the pairs of this study")

    def arm(self, name: str) -> ArmScores:
        spread = {f"{metric}/{row}": (float(self.rng.uniform(0.3, 0.6)), 0.02) for metric in METRICS for row in self.rows}
        setting = dict(part.split("=", 1) for part in name.split(", ") if "=" in part)
        return ArmScores(name, setting, 6, spread, {"train/real": 400.0, "train/synthetic": 0.0 if name == BASELINE else 200.0})

    def cost(self, place: int, arm: str) -> ArmCost:
        if arm == BASELINE:
            return ArmCost(arm, 0, 0.0, 0, 31.2, None, None, None, None, None)
        gained = float(0.9 * place + self.rng.normal(0, 1))
        usd = 0.0 if "recorded" in arm else 0.31 * place
        ratio = usd / gained if gained > 0 and usd else None
        return ArmCost(arm, 200, usd, 81_000, 45.1 + place, gained + 1, gained, ratio, ratio, 7.0, frontier=place in {2, 3})


ASSOCIATIONS = (
    Association("MATTR", "change in macro AP", 12, 0.41, Interval(-0.2, 0.79), 0.22, Interval(-0.4, 0.7), ("texts", "llm")),
    Association(
        "perplexity", "change in macro AP", 12, -0.64, Interval(-0.88, -0.11), -0.5, Interval(-0.8, 0.1), ("texts", "llm")
    ),
    Association("label correctness", "change in macro AP", 4, refused="4 pools have it: fewer than 8 say nothing"),
)
VARIANCES = tuple(
    VarianceShare(source, metric, "macro", share * 4e-4, share, 6)
    for metric in ("average_precision", "f1")
    for source, share in (("seeds.subset", 0.35), ("seeds.draw", 0.25), ("seeds.init", 0.2), ("rest", 0.2))
)


def many_labels(ratios: Sequence[float] = (1,), count: int | None = None) -> Comparison:
    """Twenty labels with whole phrases as their ids, and four arms a ratio, or the first few of them."""
    labels = [
        f"{number:02d} shows a persistent difficulty with changes of daily routine at home & school" for number in range(20)
    ]
    arms = [
        f"llm={llm}, prompt={prompt}, mix.ratio={ratio}"
        for llm in ("gpt-4o-mini", "mistral-small")
        for prompt in ("plain", "attributed_with_persona")
        for ratio in ratios
    ]
    return replace(factorial(labels, arms[:count]), studies=("many_labels",), texts="overlapping", primary_stated=False)


def undefined() -> Comparison:
    """Everything is there, and nothing of it is defined."""
    full = factorial()
    gone = {"difference": None, "interval": None, "baseline": None, "arm": None, "pairs": 0, "undefined": 6}
    tests = {
        "p": None,
        "p_family": None,
        "p_arms": None,
        "p_sign_flip": None,
        "q": None,
        "seed_variance": None,
        "text_variance": None,
    }
    blank: Callable[[Effect], Effect] = lambda effect: replace(effect, **gone, **tests, degrees=None)  # noqa: E731
    splits = [ChangeDecomposition(s.contrast, s.metric, s.criterion, *[None] * 7) for s in full.decompositions]
    curves = [
        replace(c, points=tuple(replace(p, effect=blank(p.effect)) for p in c.points), smooth=(), trend=None)
        for c in full.doses
    ]
    return replace(
        full,
        studies=("undefined",),
        arms=tuple(replace(arm, scores=dict.fromkeys(arm.scores, (None, None))) for arm in full.arms),
        effects=tuple(map(blank, full.effects)),
        main_effects=tuple(map(blank, full.main_effects)),
        interactions=tuple(map(blank, full.interactions)),
        decompositions=tuple(splits),
        doses=tuple(curves),
        associations=tuple(Association(a.characteristic, a.outcome, 2, refused="2 pools") for a in full.associations),
        variances=tuple(replace(v, share=None, variance=0.0) for v in full.variances),
        power=tuple(replace(p, detectable=None, wanted=None, seeds_needed=None) for p in full.power),
        costs=tuple(ArmCost(c.arm, 0, None, None, 1.0, None, None, None, None, None) for c in full.costs),
        tfidf_baseline=TfidfBaseline(None, None, "no criterion has a positive"),
        positives=dict.fromkeys(full.labels, 0),
    )


def search(objectives: int = 2) -> Comparison:
    """Thirty trials of a search with one, two or three objectives."""
    rng = np.random.default_rng(2)
    names = ("dev/precision/macro", "dev/recall/macro", "dev/f1/macro")[:objectives]
    values = [tuple(float(v) for v in rng.uniform(0.2, 0.6, objectives)) for _ in range(30)]
    trials = [
        SearchTrial(number, _tried(number), found, "complete", front=not any(_beats(other, found) for other in values))
        for number, found in enumerate(values)
    ]
    failed = SearchTrial(30, _tried(30), (None,) * objectives, "fail")
    return replace(
        EMPTY,
        studies=("bert_search",),
        design="search",
        labels=LABELS,
        label_names=NAMES,
        positives=dict.fromkeys(LABELS, 20),
        test_texts=420,
        baseline="",
        headline=("Trial 7 has the best macro F1 on dev; on fresh seeds it is 1.9 points lower.",),
        excluded=factorial().excluded,
        search=SearchResult(
            objectives=names,
            directions=("maximize",) * objectives,
            trials=(*trials, failed),
            importances={name: {"training.learning_rate": 0.61, "mix.ratio": 0.27, "llm": 0.12} for name in names},
            test_scores={"test/f1/macro": 0.412, "test/precision/A1": None},
            confirmation=Confirmation(7, names[0], 0.447, 0.428, Interval(0.401, 0.452), (100, 101, 102)),
            notes=("One trial failed.",),
        ),
    )


def _tried(number: int) -> dict[str, str]:
    return {"training.learning_rate": f"{10 ** (-5 + number / 20):.2g}", "mix.ratio": str(number % 4 / 2), "llm": "recorded"}


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))


def of_arm(answer: Comparison, arm: str) -> Comparison:
    """The same answer with one arm alone."""
    return replace(
        answer,
        effects=tuple(effect for effect in answer.effects if effect.contrast == arm),
        decompositions=tuple(split for split in answer.decompositions if split.contrast == arm),
    )
