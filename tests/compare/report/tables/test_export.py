"""The tables of an answer, on the screen, as CSV and as LaTeX."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from support import answers
from synthsweep.compare.report.numbers import changed
from synthsweep.compare.report.tables import details as tables_rest
from synthsweep.compare.report.tables import effects as tables_effects
from synthsweep.compare.report.tables.export import effects_table, write_tables
from synthsweep.compare.result import ChangeDecomposition, Comparison, Effect, Interval, Power

EFFECT = Effect("arm", "average_precision", "macro", 0.4, 0.432, 0.032, Interval(-0.004, 0.068), 6)
ONE = replace(answers.EMPTY, labels=("A1",), effects=(EFFECT,))


def screen(answer: Comparison, width: int = 150) -> list[list[str]]:
    """The lines of the body, cut where there are two spaces."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(effects_table(answer))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    body = text.rpartition("─")[2]
    return [line.strip().split("  ") for line in body.splitlines() if line.strip()]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_the_screen_shows_an_arm_a_row() -> None:
    """What its four macro averages changed by, each with its interval below."""
    answer = answers.factorial()
    cells = [[cell.strip() for cell in line if cell] for line in screen(answer)]

    for place, arm in enumerate(answers.ARMS):
        found = [changed(answer.effect(arm, metric, "macro")) for metric in ("average_precision", "precision", "recall", "f1")]
        (name, *changes), intervals = cells[2 * place : 2 * place + 2]
        assert (name, [f"{one} {other}" for one, other in zip(changes, intervals, strict=True)]) == (arm, found)


def test_numbers_stay_whole_on_a_narrow_screen() -> None:
    """Of 80 letters."""
    answer = answers.factorial()
    lines = [cell.strip() for line in screen(answer, 80) for cell in line]

    assert f"[{changed(answer.effect(answers.ARMS[0], 'f1', 'macro')).partition('[')[2]}" in lines


def test_the_screen_shows_undefined_as_a_dash_and_names_as_they_are() -> None:
    """An arm that looks like markup is no colour."""
    named = replace(ONE, effects=(replace(EFFECT, contrast="[red]a[/red]", difference=None, interval=None),))

    assert [[cell.strip() for cell in line if cell] for line in screen(named)] == [["[red]a[/red]", "–", "–", "–", "–"]]


def test_a_csv_file_has_every_digit(tmp_path: Path) -> None:
    """Shares, not points; both ends of an interval; an undefined value is an empty cell, never 0."""
    blank = replace(EFFECT, criterion="A1", difference=None, interval=None, baseline=None, arm=None, pairs=0, undefined=6)
    exact = replace(EFFECT, difference=1 / 3)
    write_tables(replace(ONE, effects=(blank, exact)), [], tmp_path)
    undefined, defined = read(tmp_path / "effects.csv")

    assert (float(defined["difference"]), float(defined["interval_low"]), float(defined["interval_high"])) == (
        1 / 3,
        -0.004,
        0.068,
    )
    assert [undefined[name] for name in ("difference", "interval_low", "interval_high", "baseline", "p")] == [""] * 5
    assert (undefined["pairs"], undefined["undefined"]) == ("0", "6")
    assert "interval" not in defined


def test_every_kind_of_value_has_its_csv_file(tmp_path: Path) -> None:
    """With a row a value; what is not there has no file."""
    answer = answers.factorial()
    write_tables(answer, [], tmp_path)

    expected = {
        "effects": len(answer.effects),
        "main_effects": len(answer.main_effects),
        "interactions": len(answer.interactions),
        "splits": len(answer.decompositions),
        "doses": sum(len(curve.points) for curve in answer.doses),
        "associations": len(answer.associations),
        "variances": len(answer.variances),
        "power": len(answer.power),
        "costs": len(answer.costs),
        "left": len(answer.excluded),
        "facts": sum(len(arm.facts) for arm in answer.arms),
        "scores": sum(len(arm.scores) for arm in answer.arms),
    }
    assert {path.stem: len(read(path)) for path in tmp_path.iterdir()} == expected


def test_all_trials_of_a_search_are_in_the_csv_file(tmp_path: Path) -> None:
    """The page shows the best twenty; a trial without a value has an empty cell."""
    answer = answers.search()
    write_tables(answer, [], tmp_path)
    rows = read(tmp_path / "trials.csv")

    assert answer.search is not None
    assert [int(row["trial"]) for row in rows] == [trial.number for trial in answer.search.trials]
    assert (float(rows[0]["dev/recall/macro"]), rows[30]["dev/recall/macro"]) == (answer.search.trials[0].values[1], "")
    assert rows[0]["mix.ratio"] == "0.0"


def test_a_shown_table_is_written_in_latex(tmp_path: Path) -> None:
    """Under its own name."""
    write_tables(ONE, [tables_effects.summary(ONE)], tmp_path)

    assert "arm & +3.2 {[}$-$0.4, +6.8]" in (tmp_path / "summary.tex").read_text(encoding="utf-8")


def split(metric: str, ranking: Interval, operating_point: Interval) -> ChangeDecomposition:
    return ChangeDecomposition("arm", metric, "macro", 0.0, 0.0, ranking, 0.0, operating_point, 0.1, 0.2)


UP, DOWN, UNCLEAR = Interval(0.01, 0.02), Interval(-0.02, -0.01), Interval(-0.01, 0.01)


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        ((split("recall", UNCLEAR, UP), split("precision", UNCLEAR, DOWN)), "operating point: recall up, precision down"),
        ((split("recall", UP, UNCLEAR),), "ranking: recall up"),
        ((split("recall", DOWN, UP),), "ranking: recall down; operating point: recall up"),
        ((split("recall", UNCLEAR, UNCLEAR),), "neither is clear"),
        ((ChangeDecomposition("arm", "recall", "macro", *[None] * 7),), "–"),
        ((), ""),
    ],
)
def test_the_summary_says_what_moved(splits: tuple[ChangeDecomposition, ...], expected: str) -> None:
    """The parts whose interval excludes 0, with their direction."""

    assert tables_effects.clear_parts(replace(ONE, decompositions=splits), "arm") == expected


def test_effects_come_with_their_pairs_and_tests() -> None:
    """And with what each p means; a test outside the family is blank, as is its column where none is inside."""
    inside = replace(EFFECT, criterion="A1", p=0.02, p_family=0.04, p_sign_flip=0.0312, pairs=4, undefined=2)
    answer = replace(ONE, effects=(inside, replace(EFFECT, p=0.5)))
    found = tables_effects.effects(answer, "average_precision")

    assert found.heads == ("criterion", "baseline", "arm", "change [95 %], points", "pairs", "p", "p, Holm", "p, sign-flip")
    assert found.rows == (
        ("arm",),
        ("A1", "0.400", "0.432", "+3.2 [−0.4, +6.8]", "4 (2 undefined)", "0.020", "0.040", "0.031"),
        ("macro", "0.400", "0.432", "+3.2 [−0.4, +6.8]", "6", "0.500", "", ""),
    )
    assert "p, sign-flip: joint over the family; training variation on this test set only." in found.notes


def test_an_interaction_has_no_sides() -> None:
    """It is a difference of differences; that is not undefined, so there are no such columns."""
    crossed = replace(EFFECT, baseline=None, arm=None)
    found = tables_effects.interactions(replace(ONE, interactions=(crossed,)))

    assert found.heads == ("criterion", "change [95 %], points", "pairs")


def test_power_stands_beside_every_change_that_holds_zero() -> None:
    """And beside no other one."""
    clear = replace(EFFECT, criterion="A1", interval=Interval(0.01, 0.05))
    row = Power("macro", 20, 6, 0.01, 0.02, 0.052, 0.03, None)
    found = tables_rest.no_effects(replace(ONE, effects=(clear, EFFECT), power=(row,)))

    assert found.rows == (("arm",), ("macro", "+3.2 [−0.4, +6.8]", "+5.2", "no number is enough"))


def test_a_refused_association_says_why() -> None:
    """It has no number."""
    row = tables_rest.associations(answers.factorial()).rows[2]

    assert row == ("label correctness", "change in macro AP", "4", "–", "–", "", "4 pools have it: fewer than 8 say nothing")


def test_the_best_trials_come_first() -> None:
    """The front, then by the first objective in its direction; what failed comes last."""
    found = answers.search(1).search
    assert found is not None
    best = max(found.trials[:30], key=lambda trial: trial.values[0] or 0)
    least = min(found.trials[:30], key=lambda trial: trial.values[0] or 0)
    upward = replace(found, trials=tuple(replace(trial, front=False) for trial in found.trials))
    downward = replace(upward, directions=("minimize",))

    assert [found.trials[best.number].front, tables_rest.ranked(found)[0], tables_rest.ranked(found)[-1].number] == [
        True,
        best,
        30,
    ]
    assert [tables_rest.ranked(search)[0].number for search in (upward, downward)] == [best.number, least.number]
