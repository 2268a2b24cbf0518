"""The steps of an inspection: load -> read the pool -> plant -> curate -> measure both sides; nothing is trained."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.config.roots import InspectConfig
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.corpus.describe import corpus_lines
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.curate.characteristics.semantic import nearest
from synthsweep.curate.drop import Curated, Dropped
from synthsweep.curate.embedder import Embedder
from synthsweep.curate.near import copies_of
from synthsweep.curate.plant import Planted, plant
from synthsweep.errors import PoolError
from synthsweep.examples import Example, label_matrix
from synthsweep.generate.pool import Pool
from synthsweep.inspect.inspection import Curation, InspectedTexts, Inspection, Loss, Map, Outlier, Shown
from synthsweep.inspect.neighbours import nearest_other
from synthsweep.inspect.projection import project
from synthsweep.inspect.word_use import over_used
from synthsweep.pages.numbers import counted
from synthsweep.progress import Stage
from synthsweep.run.characterize import measure, open_embedder
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.prepare import curate_pool, read_pool
from synthsweep.stratify import stratified_order

# The number of parts of the real texts; each part is measured against the others.
PARTS = 10
# Characteristics with outliers to show, and the sign of the sort: 1 puts the lowest values first, -1 the highest.
OUTLIER_SIGNS = {"nearest_real": 1, "perplexity": -1}


@dataclass(frozen=True)
class Measures:
    """Measures real and synthetic texts in the same way; `embedder` is None if the characteristics need none."""

    config: InspectConfig
    corpus: Corpus
    embedder: Embedder | None

    def measure(self, texts: Sequence[Example], real: Sequence[Example], *, evaluated: bool = False) -> Characteristics:
        split = self.corpus.split
        beside = split.evaluated if evaluated else ()
        return measure(self.config, texts, real, beside, self.corpus.labels, embedder=self.embedder)

    def vectors(self, texts: Sequence[Example]) -> np.ndarray | None:
        return self.embedder.embed([example.text for example in texts]) if self.embedder else None


def survey(config: InspectConfig, collaborators: Collaborators = DEFAULTS) -> Inspection:
    """Compares a pool with the real training texts, whatever `mix` says.

    Raises:
        DataError: the corpus does not match the configuration.
        PoolError: the synthetic texts are not available, or curation leaves none.
        ModelError: the encoder or the language model is not on this machine.
    """
    collaborators.progress(Stage("reading texts"))
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    for line in corpus_lines(corpus):
        collaborators.progress(Stage(line))
    pool, llm = read_pool(config, corpus, collaborators)
    planted = plant(pool.examples, config.plant, corpus.labels.ids, seed=config.seeds.draw)
    collaborators.progress(Stage(f"curating {len(planted.examples)} texts"))
    curated = curate_pool(config, corpus, planted, collaborators)
    _require_texts(pool, curated)
    collaborators.progress(Stage(f"measuring {len(curated.kept)} synthetic and {len(corpus.split.train)} real texts"))
    embeds = config.characteristics.kind == "all"
    measures = Measures(config, corpus, (collaborators.embedder or open_embedder(config)) if embeds else None)
    return _inspection(measures, llm, pool, planted, curated)


def _require_texts(pool: Pool, curated: Curated) -> None:
    if not pool.examples:
        raise PoolError(
            f"the pool holds no text, {len(pool.rejected)} pieces of replies were rejected: get another (llm, prompt)"
        )
    if not curated.kept:
        dropped = ", ".join(f"{step.replace('_', ' ')} {count}" for step, count in curated.counts.items() if count)
        texts = counted(len(pool.examples), "text")
        raise PoolError(f"curation leaves none of {texts} ({dropped}): take curation=default, or another pool")


def _inspection(measures: Measures, llm: str, pool: Pool, planted: Planted, curated: Curated) -> Inspection:
    config, corpus, real, kept = measures.config, measures.corpus, measures.corpus.split.train, curated.kept
    even = min(len(real), len(kept))
    synthetic = _measured(measures, kept, real, even)
    return Inspection(
        pool=llm if config.llm.path else f"{llm}/{config.prompt.variant}",
        data=config.data.source,
        criteria=corpus.labels.ids,
        names={criterion.id: criterion.name for criterion in corpus.labels.criteria},
        real=_measured_real(measures, real, even),
        synthetic=synthetic,
        even=even,
        curation=_curation(corpus, pool, planted, curated, config.curation.jaccard),
        outliers=_outliers(measures, kept, synthetic),
        words=over_used([example.text for example in kept], [example.text for example in real]),
        map=_map(measures, kept),
        settings=_settings(config),
        demo=config.data.kind == "demo",
        undecided=sum(bool(example.unknown) for example in real),
    )


def _measured(measures: Measures, texts: Sequence[Example], real: Sequence[Example], even: int) -> InspectedTexts:
    labels = (np.array(label_matrix(texts, measures.corpus.labels.ids)) == 1).astype(np.int64)
    whole = measures.measure(texts, real, evaluated=True)
    drawn = (
        whole if even == len(texts) else measures.measure(_drawn(texts, even, measures.config.seeds.draw), real, evaluated=True)
    )
    return InspectedTexts(labels, whole.texts, whole.pool, drawn.pool)


def _measured_real(measures: Measures, real: Sequence[Example], even: int) -> InspectedTexts:
    """Measures the real texts, each against the other real texts, as synthetic texts are."""
    whole = _measured(measures, real, real, even)
    held_out: dict[str, np.ndarray] = {}
    parts = min(PARTS, len(real))
    for start in range(parts if parts > 1 else 0):
        found = measures.measure(real[start::parts], [text for place, text in enumerate(real) if place % parts != start])
        for name in {"perplexity", "centroid"} & set(found.texts):
            held_out.setdefault(name, np.full(len(real), np.nan))[start::parts] = found.texts[name]
    vectors = measures.vectors(real)
    near = {} if vectors is None else {"nearest_real": nearest_other(vectors)}
    return InspectedTexts(whole.labels, {**whole.texts, **held_out, **near}, whole.pool, whole.even)


def _drawn(texts: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Draws `count` texts, with each combination of labels in its proportion."""
    order = stratified_order([tuple(sorted(example.labels)) for example in texts], random.Random(f"{seed}/inspect"))
    return [texts[index] for index in order[:count]]


def _curation(corpus: Corpus, pool: Pool, planted: Planted, curated: Curated, jaccard: float) -> Curation:
    hidden = _evaluated_and_copies(curated.dropped, corpus.split.evaluated, jaccard)
    texts = {example.id: example.text for example in (*planted.examples, *corpus.split.train) if example.id not in hidden}
    losses = tuple(
        Loss(one.example.id, one.step, one.like, texts.get(one.example.id, ""), texts.get(one.like, ""))
        for one in curated.dropped
    )
    return Curation(
        written=len(pool.examples),
        counts=curated.counts,
        leaked=len(curated.leaks),
        losses=losses,
        rejected=pool.reasons,
        planted=planted.counts,
        relabelled=curated.relabelled,
        unjudged=curated.unjudged,
    )


def _evaluated_and_copies(dropped: Sequence[Dropped], evaluated: Sequence[Example], jaccard: float) -> set[str]:
    """Ids of dev and test texts, and of dropped texts that repeat one of them, directly or through another dropped text."""
    # Steps before the leak gate drop texts that the gate then does not check.
    copies = copies_of([one.example.text for one in dropped], [example.text for example in evaluated], jaccard)
    found = {example.id for example in evaluated} | {dropped[place].example.id for place in copies}
    while more := {one.example.id for one in dropped if one.like in found} - found:
        found |= more
    return found


def _outliers(measures: Measures, kept: Sequence[Example], synthetic: InspectedTexts) -> tuple[Outlier, ...]:
    """The texts with the lowest cosine to a real text, then those with the highest perplexity."""
    found: list[Outlier] = []
    for name, sign in OUTLIER_SIGNS.items():
        values = synthetic.texts.get(name, np.empty(0))
        defined = [int(place) for place in np.argsort(sign * values, kind="stable") if not np.isnan(values[place])]
        order = defined[: measures.config.inspect.outliers]
        beside = _nearest(measures, [kept[place] for place in order])
        found += [
            Outlier(name, float(values[place]), _shown(kept[place]), *near) for place, near in zip(order, beside, strict=True)
        ]
    return tuple(found)


def _nearest(measures: Measures, texts: Sequence[Example]) -> list[tuple[Shown | None, float | None]]:
    """The real training text nearest to each, with its cosine; None without an embedder."""
    real = measures.corpus.split.train
    ours, theirs = measures.vectors(texts) if texts else None, measures.vectors(real)
    if ours is None or theirs is None:
        return [(None, None)] * len(texts)
    places, cosines = nearest(ours, theirs)
    return [(_shown(real[place]), float(cosine)) for place, cosine in zip(places, cosines, strict=True)]


def _shown(example: Example) -> Shown:
    return Shown(example.id, example.text, tuple(sorted(example.labels)))


def _map(measures: Measures, kept: Sequence[Example]) -> Map | None:
    """Maps at most `most_points` texts, the same share of real and of synthetic ones."""
    real, config = measures.corpus.split.train, measures.config
    scale = min(1.0, config.inspect.most_points / (len(real) + len(kept)))
    sides = [_drawn(texts, max(1, int(scale * len(texts))), config.seeds.draw) for texts in (real, kept)]
    points = [*sides[0], *sides[1]]
    vectors = measures.vectors(points)
    if vectors is None:
        return None
    places, method = project(vectors, seed=config.seeds.draw)
    labels = np.array(label_matrix(points, measures.corpus.labels.ids)) == 1
    return Map(places, np.arange(len(points)) >= len(sides[0]), labels, method)


def _settings(config: InspectConfig) -> tuple[tuple[str, str], ...]:
    shown = {
        "LLM": config.llm.name,
        "Prompt": config.prompt.variant,
        "Data": config.data.source,
        "Curation": config.curation.name,
        "Embeddings": config.characteristics.embedder if config.characteristics.kind == "all" else "none",
        "Perplexity": "word n-grams of the real training texts"
        if config.characteristics.perplexity == "ngram"
        else config.characteristics.perplexity,
        "Seed": str(config.seed),
    }
    return tuple(shown.items())
