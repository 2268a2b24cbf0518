"""What the report and the terminal show of subgroups and of further test sets."""

from dataclasses import replace
from itertools import product

from support.answers import LABELS, factorial
from synthsweep.compare.report.part_sections import part_sections
from synthsweep.compare.report.records import records
from synthsweep.compare.report.sections import sections
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, Interval, PartEffects
from synthsweep.display.compare import part_tables
from synthsweep.pages.numbers import DASH

ANSWER = factorial()
ARMS = tuple(dict.fromkeys(effect.contrast for effect in ANSWER.effects))


def effects(change: float | None) -> tuple[Effect, ...]:
    span = None if change is None else Interval(change - 0.1, change + 0.1)
    sides = (None, None) if change is None else (0.5, 0.5 + change)
    cases = product(ARMS, ("average_precision", "recall"), (*LABELS, "macro"))
    return tuple(Effect(arm, metric, label, *sides, change, span, 3, p=0.2) for arm, metric, label in cases)


def part(column: str, value: str, change: float | None, *, of: str = "", positives: int = 20) -> PartEffects:
    apart = effects(0.07) if of and of != value else ()
    return PartEffects(column, value, 40, dict.fromkeys(LABELS, positives), effects(change), of, apart)


def answer() -> Comparison:
    noted = PartEffects("sex", "x", 0, {}, (), note="the test texts of some seeds have none")
    subgroups = (part("sex", "f", 0.05, of="m"), part("sex", "m", None, of="m", positives=3), noted)
    unread = PartEffects("", "clinic_c", 0, {}, (), note="1 of 6 runs, as run 1, were not scored on it")
    return replace(ANSWER, subgroups=subgroups, further_tests=(part("", "clinic_b", 0.02), unread))


def test_a_column_has_a_table_of_its_values_with_their_difference() -> None:
    """Below each arm: texts, positives, scores, the effect, the difference; a dash is undefined."""
    section, _ = part_sections(answer())
    table = section.tables[0]

    assert (section.title, table.name) == ("Subgroups: sex", "subgroups_sex")
    assert table.rows[0] == (ARMS[0],)
    cells = "f", "40", "140", "0.500", "0.550", "+5.0 [−5.0, +15.0]", "+7.0 [−3.0, +17.0]", "0.200"
    assert table.rows[1] == cells
    assert table.rows[2] == ("m", "40", "21", DASH, DASH, DASH, "", "")
    assert "Fewer than 10 positives, where a score is mostly chance: m, every criterion." in table.notes
    assert f"{len(ARMS) * len(LABELS)} differences are tested; p is not adjusted for that." in section.folded[0].notes
    assert "sex x: not compared; the test texts of some seeds have none." in section.text


def test_further_test_sets_stand_below_the_primary_one() -> None:
    """One that not every run was scored on is named with the reason."""
    _, section = part_sections(answer())

    assert [row[0] for row in section.tables[0].rows[:3]] == [ARMS[0], "test, the primary one", "clinic_b"]
    assert "clinic_c: not compared; 1 of 6 runs, as run 1, were not scored on it." in section.text


def test_a_study_without_them_has_neither_section_nor_file() -> None:
    """Nothing changes for it."""
    assert list(part_sections(ANSWER)) == []
    assert {"subgroups", "subgroup_differences", "further_tests"} & set(records(ANSWER)) == set()
    assert list(part_tables(ANSWER)) == []


def test_all_metrics_and_criteria_are_in_the_files() -> None:
    """In points, with the support of each criterion."""
    files = records(answer())

    first = files["subgroups"][0]
    assert {"column": "sex", "value": "f", "texts": 40, "positives": 20, "change_points": 5.0}.items() <= first.items()
    assert len(files["subgroups"]) == 2 * len(effects(0.0))
    assert {row["reference"] for row in files["subgroup_differences"]} == {"m"}
    assert files["further_tests"][0]["test_set"] == "clinic_b"
    assert {"subgroups", "tests"} <= {section.ident for section in sections(answer())}


def test_the_terminal_shows_the_effect_in_each() -> None:
    """One table per column, and one of test sets."""
    assert [len(table.rows) for table in part_tables(answer())] == [2, 1]


def test_classes_have_their_accuracy_in_every_part() -> None:
    """Beside the primary metric, as in the first table of the report; no threshold is spoken of."""

    pooled = tuple(Effect(arm, "f1", "micro", 0.6, 0.7, 0.1, Interval(0.0, 0.2), 3) for arm in ARMS)
    whole = answer()
    parts = [replace(part, effects=(*part.effects, *pooled)) for part in whole.subgroups]
    section, further = part_sections(replace(whole, kind="single", subgroups=tuple(parts)))
    rows = list(section.tables[0].rows)
    place = rows.index((f"accuracy, {ARMS[0]}",))

    assert rows[0] == (f"macro average precision, {ARMS[0]}",)
    assert rows[place + 1][:6] == ("f", "40", "140", "0.600", "0.700", "+10.0 [0, +20.0]")
    tested = sum(len(row) > 1 and row[-1] == "0.200" for row in rows)
    assert f"{tested} differences are tested; p is not adjusted for that." in section.tables[0].notes
    assert "threshold" not in " ".join([*section.text, *further.text])
