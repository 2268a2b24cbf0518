"""What to do after a study, by what it found; pure."""

from collections.abc import Iterator

from synthsweep.compare.cautions import mostly_from_texts
from synthsweep.compare.report.headline.arms import is_macro
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.numbers import counted


def next_steps(answer: Comparison) -> tuple[str, ...]:
    """One sentence per step, the most useful first; none for a search, whose numbers are no effects."""
    if answer.search is not None:
        return ()
    return tuple(_steps(answer))


def _steps(answer: Comparison) -> Iterator[str]:
    if answer.tfidf_baseline and answer.tfidf_baseline.is_above:
        yield (
            "First train the baseline longer, with more training.epochs, until it scores above TF-IDF: before that, any added "
            "text may help for the wrong reason."
        )
    macro = [effect for effect in answer.effects if is_macro(effect, answer.primary)]
    if not macro:
        return
    if not any(effect.is_significant for effect in macro):
        yield _narrower(answer)
    levels = answer.factors.get("mix", ())
    if any(effect.is_gain for effect in macro):
        if "duplicate_real" not in levels:
            yield (
                "Test the rival explanation: add mix=duplicate_real to the study. If repeating the real texts does as much, "
                "the gain does not come from what the LLM wrote."
            )
        yield (
            "Have somebody who knows the labels judge a blind sample of the synthetic texts: synthsweep audit export, "
            "explained in synthsweep guide audit."
        )
    if levels and "mix.ratio" not in answer.factors:
        yield (
            "Ask how much: vary mix.ratio, as in mix.ratio=0.25,0.5,1, as far as the pool has texts. Finished runs are used "
            "again."
        )


def _narrower(answer: Comparison) -> str:
    if mostly_from_texts(answer.power):
        return "To know more, label more test texts: more seeds would hardly narrow the intervals."
    seeds = len(answer.blocks)
    return (
        f"To know more, take more seeds: the same command with replicates={2 * seeds} adds {counted(seeds, 'seed')} per arm "
        "and trains nothing again."
    )
