"""The forest shows each change with its interval."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.intervals import changed

FULL = answers.factorial()
ARM = answers.ARMS[0]


def test_each_criterion_has_a_mark_with_its_interval() -> None:
    """At its points; filled where it is significant after the correction, with the numbers beside it."""
    answer = answers.of_arm(FULL, ARM)
    axes = forests(answer)[0].figure.axes[0]
    found = [answer.effect(ARM, "average_precision", row) for row in (*answers.LABELS, "macro", "micro")]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    points = {(x, line.get_markerfacecolor() != "white") for line in marks for x in line.get_xdata()}
    ends = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments()]

    assert points == {(100 * e.difference, e.is_significant) for e in found if e and e.difference is not None}
    assert ends == [[100 * e.interval.low, 100 * e.interval.high] for e in found if e and e.interval]
    assert [text.get_text() for text in axes.texts] == [changed(effect) for effect in found]
    assert axes.get_yticklabels()[0].get_text() == f"A1 Social-emotional reciprocity (n={FULL.positives['A1']})"


def test_undefined_is_a_dash() -> None:
    """No mark at 0; where nothing is defined there is no picture."""
    some = answers.of_arm(FULL, ARM)
    gone = tuple(replace(e, difference=None, interval=None) if e.criterion == "A1" else e for e in some.effects)
    axes = forests(replace(some, effects=gone))[0].figure.axes[0]

    assert sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == "o") == 8
    assert [text.get_text().strip() for text in axes.texts][:2] == ["–", "–"]
    assert forests(answers.undefined()) == []


def test_the_alt_text_counts_the_significant_criteria() -> None:
    """Beside macro with its interval."""
    answer = answers.of_arm(FULL, ARM)
    clear = [e for e in answer.effects if e.metric == "average_precision" and e.criterion in answers.LABELS]
    count = sum(e.is_significant for e in clear)

    alt = forests(answer)[0].alt
    assert f"macro {changed(answer.effect(ARM, 'average_precision', 'macro'))}, {count} of 7 criteria" in alt


def test_of_many_arms_those_that_the_verdict_names_come_first() -> None:
    """The first picture stands beside the verdict; few arms stay in the order of the study."""
    few = forests(FULL)[0].alt
    arms = [f"arm{number}" for number in range(7)]
    copied = tuple(
        replace(effect, contrast=arm, difference=None if effect.difference is None else number / 10)
        for number, arm in enumerate(arms)
        for effect in answers.of_arm(FULL, ARM).effects
    )
    pages = forests(replace(FULL, effects=copied))

    assert [few.index(arm) for arm in answers.ARMS] == sorted(few.index(arm) for arm in answers.ARMS)
    first, second = ([arm for arm in arms if f"{arm}:" in page.alt] for page in pages)
    assert (first, second) == (arms[-len(first) :], arms[: len(second)])
