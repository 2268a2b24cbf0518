"""The texts of a study before it begins: what is wrong with them is said once, and not by each replicate."""

from synthsweep.corpus.corpus import load_corpus
from synthsweep.display.corpus import corpus_lines
from synthsweep.errors import SynthsweepError
from synthsweep.sweep.plan import Plan

# Factors that may give replicates other texts than the base configuration has.
OF_TEXTS = frozenset({"data", "labels", "seed", "seeds", "experiment"})


def describe_texts(plan: Plan) -> list[str]:
    """Sizes, labels, and which of them have few positives; nothing if the texts are on the hub, or differ between runs.

    Raises:
        InputError: the texts cannot be read, and every replicate would read the same ones.
    """
    if plan.config.data.kind == "hub":
        # The workers download it; this process need not.
        return []
    try:
        corpus = load_corpus(plan.config.labels, plan.config.data, subset_seed=plan.config.seeds.subset)
    except SynthsweepError:
        if any(factor.key.partition(".")[0] in OF_TEXTS for factor in plan.space.factors):
            return []
        raise
    return corpus_lines(corpus.split, corpus.labels.ids)
