"""The texts of a study before it begins: what is wrong with them is said once, and not by each replicate."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

from synthsweep.config.acting import below
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.corpus.describe import corpus_lines, undefined_on_dev
from synthsweep.errors import SynthsweepError
from synthsweep.examples import labels_without_positive
from synthsweep.run.cache import ProcessCache
from synthsweep.study.design.objective import require_defined
from synthsweep.study.design.space import Assignment, Choice, Factor, Value
from synthsweep.study.lengths import StudyLengths
from synthsweep.sweep.levels import assignment_with
from synthsweep.sweep.plan import Plan

# Factors that may give replicates other texts than the base configuration has.
OF_TEXTS = frozenset({"data", "labels", "seed", "seeds", "experiment"})
# Factors that may give texts other lengths, or cut them elsewhere; their combinations that are looked at.
OF_LENGTHS = ("data", "labels", "seeds.subset", "experiment", "model", "training.max_length", "training.windows")
MOST = 64


class StudyTexts(NamedTuple):
    """Lines for a screen; `cut`: they say that texts are cut."""

    lines: Sequence[str] = ()
    cut: bool = False


def describe_texts(plan: Plan) -> StudyTexts:
    """Sizes, labels, which of them have few positives, and which texts are cut; nothing if the texts are on the hub.

    Raises:
        InputError: the texts cannot be read, and every replicate would read the same ones; or training.max_length is
            beyond what an encoder reads.
        StudyError: the objective of a search would be undefined in every trial.
    """
    cache = ProcessCache()
    lines = describe_corpus(plan, cache)
    if not lines:
        return StudyTexts()
    lengths = _lengths(plan, cache)
    return StudyTexts([*lines, *lengths.sentences()], lengths.cut)


def describe_corpus(plan: Plan, cache: ProcessCache) -> list[str]:
    """The same without lengths; nothing, too, if runs may differ in their texts and those of the first cannot be read."""
    if plan.config.data.kind == "hub":
        # The workers download it; this process need not.
        return []
    try:
        corpus = load_corpus(plan.config.labels, plan.config.data, subset_seed=plan.config.seeds.subset, cache=cache.corpora)
    except SynthsweepError:
        if any(factor.key.partition(".")[0] in OF_TEXTS for factor in plan.space.factors):
            return []
        raise
    lines = [*corpus_lines(corpus), *undefined_on_dev(plan.config, corpus)]
    return [*lines, *_skipped_labels(plan, corpus)]


def _skipped_labels(plan: Plan, corpus: Corpus) -> list[str]:
    """What the objective of a search leaves out.

    Raises:
        StudyError: it would be undefined in every trial.
    """
    if plan.settings.design != "search":
        return []
    label_ids = corpus.labels.ids
    skipped = require_defined(plan.goal, label_ids, labels_without_positive(corpus.split.dev, label_ids))
    return [f"objective.undefined=skip: {skipped}"] if skipped else []


def _lengths(plan: Plan, cache: ProcessCache) -> StudyLengths:
    lengths = StudyLengths(cache.training)
    for assignment in _assignments(plan):
        try:
            config = plan.composer.run([*plan.fixed, *plan.space.overrides(assignment)])
            corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset, cache=cache.corpora)
        except SynthsweepError:
            # Its replicates say so.
            continue
        lengths.look_at(config, corpus)
    return lengths


def _assignments(plan: Plan) -> Iterator[Assignment]:
    """One per combination of the levels that act on lengths."""
    acting = [factor for factor in plan.space.factors if factor.key == "training" or below(factor.key, OF_LENGTHS)]
    for levels in islice(product(*map(_levels, acting)), MOST):
        yield assignment_with(plan.space, dict(zip((factor.key for factor in acting), levels, strict=True)))


def _levels(factor: Factor) -> tuple[Value, ...]:
    if isinstance(factor, Choice):
        return factor.levels
    return (int(factor.low), int(factor.high)) if factor.whole else (factor.low, factor.high)
