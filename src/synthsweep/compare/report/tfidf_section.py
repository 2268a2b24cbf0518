"""The section on TF-IDF beside the baseline."""

from synthsweep.compare.report.intervals import range_in_words
from synthsweep.compare.report.section import ReportSection
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Interval
from synthsweep.pages.numbers import points, score


def tfidf_baseline(answer: Comparison) -> ReportSection | None:
    """The baseline compared with TF-IDF."""
    scores_ = answer.tfidf_baseline
    if scores_ is None:
        return None
    note = f": {scores_.note}." if scores_.note else "."
    model = "multinomial logistic regression" if answer.kind == "single" else "logistic regression"
    gap, pair = scores_.gap, scores_.accuracies
    change = f" Difference: {points(gap.difference)} points{_within(gap.interval)}." if gap else ""
    text = (
        f"TF-IDF with {model}: {score(scores_.tfidf_ap)}. The baseline: {score(scores_.baseline_ap)}.{change} "
        f"Macro average precision on test, on the baseline's own texts{note}"
    )
    accuracy = (f"Accuracy: TF-IDF {score(pair[0])}, the baseline {score(pair[1])}.",) if answer.kind == "single" else ()
    return ReportSection("tfidf_baseline", "TF-IDF baseline", (text, *accuracy), closed=True)


def _within(interval: Interval | None) -> str:
    return f" (95 % interval {range_in_words(interval)})" if interval else ""
