"""The texts of a study before it begins: what is wrong with them is said once, and not by each replicate."""

from synthsweep.corpus.corpus import load_corpus
from synthsweep.display.few_positives import few_positives
from synthsweep.errors import SynthsweepError
from synthsweep.sweep.plan import Plan

# Factors that may give replicates other texts than the base configuration has.
OF_TEXTS = frozenset({"data", "labels", "seed", "seeds", "experiment"})


def warn_of_few_positives(plan: Plan) -> str:
    """A warning that some labels have few positives; empty if there is nothing to say, or if the texts are on the hub.

    Raises:
        InputError: the texts cannot be read, and every replicate would read the same ones.
    """
    if plan.config.data.kind == "hub":
        # The workers download it; this process need not.
        return ""
    try:
        corpus = load_corpus(plan.config.labels, plan.config.data, subset_seed=plan.config.seeds.subset)
    except SynthsweepError:
        if any(factor.key.partition(".")[0] in OF_TEXTS for factor in plan.space.factors):
            return ""
        raise
    return few_positives(corpus.split, corpus.labels.ids)
