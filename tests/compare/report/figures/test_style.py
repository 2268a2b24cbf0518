"""Pictures show the numbers of the answer, readably, whatever they are and however many."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from matplotlib.text import Text

from support import answers
from synthsweep.compare.report.figures.bars import effect_variances, importance_bars, sources
from synthsweep.compare.report.figures.dose_response import dose_curves
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.figures.fronts import frontier, fronts
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.report.figures.precision_recall import movements, parts
from synthsweep.compare.report.figures.style import Picture, columns_for, wrapped
from synthsweep.compare.report.numbers import changed
from synthsweep.compare.result import Comparison, Interval
from synthsweep.pages.drawing import drawing, saved

FULL = answers.factorial()
ARM = answers.ARMS[0]
PICTURES: Sequence[Callable[[Comparison], list[Picture]]] = (
    forests,
    heat_maps,
    movements,
    parts,
    dose_curves,
    effect_variances,
    sources,
    frontier,
)


@pytest.fixture(autouse=True)
def _drawing() -> Iterator[None]:
    with drawing():
        yield


def of(answer: Comparison, arm: str) -> Comparison:
    """What is said of one arm alone."""
    return replace(
        answer,
        effects=tuple(effect for effect in answer.effects if effect.contrast == arm),
        decompositions=tuple(split for split in answer.decompositions if split.contrast == arm),
    )


@pytest.mark.parametrize("draw", PICTURES)
def test_each_picture_is_told_in_words_and_in_numbers(draw: Callable[[Comparison], list[Picture]]) -> None:
    """The words hold numbers, and the table rows."""
    (picture,) = draw(FULL)

    assert (len(picture.alt) > 60, any(sign.isdigit() for sign in picture.alt), len(picture.numbers.rows) > 1) == (True,) * 3


@pytest.mark.parametrize("draw", PICTURES)
def test_nothing_defined_is_no_error(draw: Callable[[Comparison], list[Picture]]) -> None:
    """A picture of it has dashes, or there is none."""

    for picture in draw(answers.undefined()):
        assert saved(picture.figure, "svg").startswith(b"<?xml")


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_same_answer_gives_the_same_file(kind: str) -> None:
    """Nothing in it tells when it was made."""
    (one,), (other,) = heat_maps(FULL), heat_maps(FULL)

    assert saved(one.figure, kind) == saved(other.figure, kind)
    assert saved(one.figure, kind)[:4] == {"svg": b"<?xm", "png": b"\x89PNG", "pdf": b"%PDF"}[kind]


def test_the_forest_has_a_mark_a_criterion_with_its_interval() -> None:
    """At its points; filled where the interval excludes 0, with the numbers beside it."""
    answer = of(FULL, ARM)
    axes = forests(answer)[0].figure.axes[0]
    found = [answer.effect(ARM, "average_precision", row) for row in (*answers.LABELS, "macro", "micro")]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    spans = [part.get_segments()[0][:, 0].tolist() for part in axes.collections]

    assert [line.get_xdata()[0] for line in marks] == [100 * e.difference for e in found if e and e.difference is not None]
    assert spans == [[100 * e.interval.low, 100 * e.interval.high] for e in found if e and e.interval]
    assert [line.get_markerfacecolor() != "white" for line in marks] == [
        e.interval.excludes_zero for e in found if e and e.interval
    ]
    assert [text.get_text() for text in axes.texts] == [changed(effect) for effect in found]
    assert axes.get_yticklabels()[0].get_text() == f"A1 (n={FULL.positives['A1']})"


def test_the_forest_shows_undefined_as_a_dash() -> None:
    """No mark at 0; where nothing is defined there is no picture."""
    some = of(FULL, ARM)
    gone = tuple(replace(e, difference=None, interval=None) if e.criterion == "A1" else e for e in some.effects)
    axes = forests(replace(some, effects=gone))[0].figure.axes[0]

    assert len([line for line in axes.lines if line.get_marker() == "o"]) == 8
    assert [text.get_text().strip() for text in axes.texts][:2] == ["–", "–"]
    assert forests(answers.undefined()) == []


def test_the_words_of_the_forest_count_what_is_clear() -> None:
    """Macro with its interval, and how many criteria exclude 0."""
    answer = of(FULL, ARM)
    clear = [e for e in answer.effects if e.metric == "average_precision" and e.criterion in answers.LABELS]
    count = sum(e.interval.excludes_zero for e in clear if e.interval)

    alt = forests(answer)[0].alt
    assert f"macro {changed(answer.effect(ARM, 'average_precision', 'macro'))}, {count} of 7 criteria" in alt


def test_a_cell_of_the_heat_map_is_number_colour_and_mark() -> None:
    """White at 0, blue above and red below, as strong on both sides; a star where the interval excludes 0."""
    values = {"A1": (0.05, 0.01), "A2": (-0.05, 0.1), "A3": (0.0, 0.1)}
    effects = [
        replace(
            FULL.effects[0], metric="average_precision", criterion=label, difference=d, interval=Interval(d - half, d + half)
        )
        for label, (d, half) in values.items()
    ]
    gone = replace(effects[0], criterion="B1", difference=None, interval=None)
    answer = replace(FULL, labels=("A1", "A2", "A3", "B1"), effects=(*effects, gone))
    axes = heat_maps(answer)[0].figure.axes[0]
    up, down, none, undefined = axes.patches

    assert [text.get_text() for text in axes.texts] == ["+5.0*", "−5.0", "0", "–"]
    assert (up.get_facecolor()[2] > up.get_facecolor()[0], down.get_facecolor()[0] > down.get_facecolor()[2]) == (True, True)
    assert min(none.get_facecolor()) > 0.95
    assert undefined.get_hatch() == "////"


def test_arms_too_long_for_their_columns_are_numbered() -> None:
    """With a key below, so that no two read the same."""
    answer = answers.many_labels()
    figure = heat_maps(answer)[0].figure
    names = [text.get_text().split("  ", 1) for text in figure.legends[0].get_texts()]

    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == [number for number, _ in names]
    assert [name for _, name in names] == list(dict.fromkeys(effect.contrast for effect in answer.effects))


def test_an_arrow_leads_from_the_baseline_to_the_arm() -> None:
    """The cross is where ranking alone leads."""
    answer = of(FULL, ARM)
    axes = movements(answer)[0].figure.axes[0]
    at = {metric: answer.effect(ARM, metric, "A1") for metric in ("recall", "precision")}
    ranking = {split.metric: split.ranking for split in answer.decompositions if split.criterion == "A1"}
    start = tuple(effect.baseline for effect in at.values() if effect)
    end = tuple(effect.arm for effect in at.values() if effect)
    matched = tuple(effect.baseline + (ranking[metric] or 0) for metric, effect in at.items() if effect and effect.baseline)

    arrow = axes.texts[0]
    points = {
        line.get_markerfacecolor(): (line.get_xdata()[-1], line.get_ydata()[-1])
        for line in axes.lines
        if len(line.get_xdata()) == 1
    }
    crosses = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "x"]
    assert (arrow.xyann, points["white"]) == (pytest.approx(start), pytest.approx(start))
    assert arrow.xy == pytest.approx(end)
    assert crosses == [pytest.approx(matched)]


def test_two_parts_add_up_to_the_mark() -> None:
    """One behind the other where both have one sign, on either side of 0 where not."""
    base = next(split for split in FULL.decompositions if (split.metric, split.criterion) == ("precision", "A1"))
    same = replace(base, change=0.03, ranking=0.01, operating_point=0.02)
    mixed = replace(base, criterion="A2", change=-0.01, ranking=0.01, operating_point=-0.02)
    axes = parts(replace(FULL, labels=("A1", "A2"), decompositions=(same, mixed)))[0].figure.axes[0]
    ranking, moved = axes.containers

    assert [(bar.get_x(), bar.get_width()) for bar in ranking] == [(0, 1), (0, 1)]
    assert [(bar.get_x(), bar.get_width()) for bar in moved] == [(1, 2), (0, -2)]
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"] == [3, -1]


def test_a_dose_curve_has_points_a_band_and_the_fit() -> None:
    """In points, at the doses."""
    curve = FULL.doses[0]
    axes = dose_curves(replace(FULL, doses=(curve,)))[0].figure.axes[0]
    lines = {line.get_linestyle(): line for line in axes.lines if len(line.get_xdata()) > 2}

    assert lines["None"].get_xdata().tolist() == [point.dose for point in curve.points]
    assert lines["None"].get_ydata().tolist() == [100 * (point.effect.difference or 0) for point in curve.points]
    assert lines["--"].get_ydata().tolist() == [100 * height for _, height in curve.smooth]
    lows = [point.effect.interval.low * 100 for point in curve.points if point.effect.interval]
    assert axes.collections[0].get_paths()[0].vertices[:, 1].min() == pytest.approx(min(lows))


def test_a_curve_of_undefined_effects_says_so() -> None:
    """No empty panel; where nothing is defined there is no picture."""
    figure = dose_curves(replace(FULL, doses=(FULL.doses[0], answers.undefined().doses[1])))[0].figure

    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [[], ["undefined"]]
    assert dose_curves(answers.undefined()) == []


def test_curves_of_other_held_values_are_told_apart() -> None:
    """By marker and by a legend."""
    other = replace(FULL.doses[0], held="llm=recorded")
    figure = dose_curves(replace(FULL, doses=(FULL.doses[0], other)))[0].figure

    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["llm=gpt-4o-mini", "llm=recorded"]
    assert {line.get_marker() for line in figure.axes[0].lines if line.get_linestyle() == "None"} == {"o", "s"}


def test_seeds_and_texts_share_the_variance() -> None:
    """Two bars that fill the whole."""
    effects = tuple(replace(e, seed_variance=0.03, text_variance=0.01) for e in FULL.effects if e.contrast == ARM)
    seeds, texts = effect_variances(replace(FULL, effects=effects))[0].figure.axes[0].containers

    assert {bar.get_width() for bar in seeds} == {75.0}
    assert {(bar.get_x(), bar.get_width()) for bar in texts} == {(75.0, 25.0)}


def test_the_frontier_is_of_dollars_or_of_seconds() -> None:
    """Seconds where no arm cost any."""
    free = replace(FULL, costs=tuple(replace(cost, usd=0.0 if cost.usd is not None else None) for cost in FULL.costs))
    (paid,), (unpaid,) = frontier(FULL), frontier(free)
    xs = {x for line in unpaid.figure.axes[0].lines for x in line.get_xdata()}

    assert [p.figure.axes[0].get_xlabel() for p in (paid, unpaid)] == ["dollars", "seconds of training"]
    assert xs == {cost.train_s for cost in FULL.costs if cost.ap_points is not None}


@pytest.mark.parametrize(("objectives", "x"), [(1, "trial"), (2, "dev/precision/macro"), (3, "dev/precision/macro")])
def test_trials_are_shown_by_their_objectives(objectives: int, x: str) -> None:
    """One by its number; the front is filled; a trial without a value is left out; a third objective is named."""
    search = answers.search(objectives).search
    assert search is not None
    (picture,) = fronts(search)
    axes = picture.figure.axes[0]
    rest, front = (next(line for line in axes.lines if line.get_marker() == marker) for marker in ("o", "D"))
    count = sum(trial.front for trial in search.trials)

    assert axes.get_xlabel() == x
    assert (len(front.get_xdata()), len(rest.get_xdata())) == (count, 30 - count)
    assert ("Not shown: dev/f1/macro" in picture.caption) == (objectives == 3)


def test_importances_are_bars_an_objective() -> None:
    """With their numbers; none where there are none."""
    search = answers.search(2).search
    assert search is not None
    (picture,) = importance_bars(search)

    assert [[bar.get_width() for bar in axes.containers[0]] for axes in picture.figure.axes] == [[0.61, 0.27, 0.12]] * 2
    assert importance_bars(replace(search, importances={})) == []


def overlapping(texts: Sequence[Text]) -> list[tuple[str, str]]:
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text() and text.get_visible()]
    return [
        (a, b)
        for (a, one), (b, other) in itertools.combinations(boxes, 2)
        if one.shrunk(0.98, 0.9).overlaps(other.shrunk(0.98, 0.9))
    ]


@pytest.mark.parametrize("answer", [FULL, answers.many_labels()], ids=["seven", "twenty"])
@pytest.mark.parametrize("draw", [forests, heat_maps, movements, parts, dose_curves, effect_variances])
def test_no_label_runs_into_another_or_off_the_page(draw: Callable[[Comparison], list[Picture]], answer: Comparison) -> None:
    """A criterion may be called by a whole phrase, and an arm by all of its factors."""
    figure = draw(answer)[0].figure
    figure.draw_without_rendering()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    titles = [title for axes in shown for title in (axes.title, axes._left_title)]

    assert overlapping(titles) == []
    for axes in shown:
        assert overlapping(axes.get_yticklabels()) == []
    drawn = figure.get_tightbbox()
    assert (drawn.x0 >= 0, drawn.y0 >= 0, drawn.x1 <= figure.get_figwidth(), drawn.y1 <= figure.get_figheight()) == (True,) * 4


def test_a_long_name_is_cut_with_a_sign() -> None:
    """After so many lines."""

    assert [wrapped("A1", 10), wrapped("one two three four five", 9, 2)] == ["A1", "one two\nthree fo…"]


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (2, 2), (7, 4), (8, 4), (9, 3), (22, 4), (21, 3)])
def test_panels_leave_few_places_empty(count: int, expected: int) -> None:
    """Nine stand in three rows of three."""

    assert columns_for(count) == expected
