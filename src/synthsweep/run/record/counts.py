"""What a run used, as metrics: steps, texts, tokens, dollars."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from synthsweep.corpus.decided import undecided
from synthsweep.examples import Example
from synthsweep.generate.pool import Pool
from synthsweep.run.prepare import TrainingData

if TYPE_CHECKING:
    from synthsweep.train.classifier import TrainedClassifier


def count_metrics(prepared: TrainingData, fitted: "TrainedClassifier", of_texts: Mapping[str, float]) -> dict[str, float]:
    """What training took, how long its texts were (`of_texts`), and what synthetic ones cost."""
    split = prepared.corpus.split
    return {
        **fitted.counts,
        "dev/examples": len(split.dev),
        **of_texts,
        **{f"{part}/examples": len(examples) for part, examples in split.tests.items()},
        **ignored_metrics(split.parts, prepared.corpus.labels.ids),
        **pool_costs(prepared.pool, sum(verdict.usd for verdict in prepared.curated.verdicts.values())),
    }


def ignored_metrics(parts: Mapping[str, Sequence[Example]], label_ids: Sequence[str]) -> dict[str, float]:
    """`data/ignored/PART/LABEL`: in how many texts of a part nobody decided on a label, as far as there are any."""
    return {
        f"data/ignored/{part}/{label}": count
        for part, examples in parts.items()
        for label, count in undecided(examples, label_ids).items()
    }


def pool_costs(pool: Pool, judge_usd: float = 0.0) -> dict[str, float]:
    """What the replies of a pool and its judge's verdicts cost; empty where no LLM was asked.

    `judge_usd` is the sum over verdicts and part of `cost/usd`; answers of the judge without a verdict count in neither.
    """
    cost = pool.cost
    if not cost.prompt_tokens and not judge_usd:
        return {}
    tokens = {
        "cost/requests": cost.requests,
        "cost/prompt_tokens": cost.prompt_tokens,
        "cost/completion_tokens": cost.completion_tokens,
    }
    usd = cost.usd + judge_usd
    return {
        **(tokens if cost.prompt_tokens else {}),
        **({"cost/judge_usd": judge_usd} if judge_usd else {}),
        "cost/usd": usd,
        **({"cost/usd_per_text": usd / len(pool.examples)} if pool.examples else {}),
    }
