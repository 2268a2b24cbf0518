"""The files beside the page: values as CSV, tables as LaTeX."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from support import answers
from synthsweep.compare.report.files import write_tables
from synthsweep.compare.report.tables.effects import summary
from synthsweep.compare.result.effects import Effect, Interval

EFFECT = Effect("arm", "average_precision", "macro", 0.4, 0.432, 0.032, Interval(-0.004, 0.068), 6)
ONE = replace(answers.EMPTY, labels=("A1",), effects=(EFFECT,))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_a_csv_file_has_every_digit(tmp_path: Path) -> None:
    """Changes and both ends of their interval are in points, scores are not; an undefined value is an empty cell, never 0."""
    blank = replace(EFFECT, criterion="A1", difference=None, interval=None, baseline=None, arm=None, pairs=0, undefined=6)
    exact = replace(EFFECT, difference=1 / 3, seed_variance=0.0004)
    write_tables(replace(ONE, effects=(blank, exact)), [], tmp_path)
    undefined, defined = read(tmp_path / "effects.csv")

    changes = {name: float(defined[name]) for name in ("change_points", "low_points", "high_points", "seed_sd_points")}
    assert changes == pytest.approx({"change_points": 100 / 3, "low_points": -0.4, "high_points": 6.8, "seed_sd_points": 2.0})
    assert (float(defined["baseline"]), float(defined["arm"])) == (0.4, 0.432)
    assert [undefined[name] for name in ("change_points", "low_points", "high_points", "baseline", "p")] == [""] * 5
    assert (undefined["pairs"], undefined["undefined"]) == ("0", "6")


def test_every_number_in_points_says_so(tmp_path: Path) -> None:
    """Scores, shares and correlations, which are not in points, have no unit in their column."""
    write_tables(answers.factorial(), [], tmp_path)

    tables = {path.stem: read(path)[0] for path in tmp_path.iterdir()}
    in_points = {name: {one for one in heads if "point" in one and one[-2:] != "_p"} for name, heads in tables.items()}
    kinds = ("", "plain_", "simultaneous_", "pooled_", "tost_")
    ends = {f"{kind}{end}_points" for kind in kinds for end in ("low", "high")}
    effect = {"change_points", "pooled_change_points", "corrected_change_points", *ends, "seed_sd_points", "text_sd_points"}
    parts = ("ranking", "operating_point")
    assert {name: columns for name, columns in in_points.items() if columns} == {
        **dict.fromkeys(("effects", "main_effects", "interactions", "doses"), effect),
        "splits": {"change_points", *(f"{part}{end}_points" for part in parts for end in ("", "_low", "_high"))},
        "variances": {"sd_points"},
        "power": {"seed_sd_points", "text_sd_points", "detectable_points", "wanted_points"},
        "costs": {"f1_points", "ap_points", "usd_per_f1_point", "usd_per_ap_point", "extra_s_per_ap_point"},
    }


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
        "counts": len(answer.counts),
        "worth": len(answer.worth),
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
    write_tables(ONE, [summary(ONE)], tmp_path)

    assert "arm & +3.2 {[}$-$0.4, +6.8]" in (tmp_path / "summary.tex").read_text(encoding="utf-8")
