"""The sections on subgroups of the test texts and on further test sets."""

from collections.abc import Iterator

from synthsweep.compare.report.names import title
from synthsweep.compare.report.section import ReportSection
from synthsweep.compare.report.tables.parts import by_criterion, by_part
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import PartEffects

SUBGROUPS = (
    "The same classifiers and thresholds, scored on the texts of each subgroup alone. The last two columns say how much more "
    "or less an arm changes there than in the largest subgroup. An effect whose interval excludes 0 in one subgroup only is no "
    "evidence that subgroups differ: their difference is."
)
FURTHER = "The same classifiers and thresholds, scored on other test texts. Neither epochs nor thresholds were chosen on them."
# Where each text has one class, no threshold acts.
THRESHOLDS = {" and thresholds": "", "Neither epochs nor thresholds were": "No epoch was"}


def part_sections(answer: Comparison) -> Iterator[ReportSection]:
    """One section each, where there is something to show."""
    columns = list(dict.fromkeys(part.column for part in answer.subgroups))
    if columns:
        notes = [
            f"{part.column} {part.value}".strip() + f": not compared; {part.note}." for part in answer.subgroups if part.note
        ]
        scored = [part for part in answer.subgroups if not part.note]
        by_column = [[part for part in scored if part.column == column] for column in columns]
        parts = [of for of in by_column if of]
        yield ReportSection(
            "subgroups",
            f"Subgroups: {', '.join(columns)}",
            (_of_kind(SUBGROUPS, answer.kind), *notes),
            tables=tuple(by_part(answer, of) for of in parts),
            folded=tuple(by_criterion(answer, of) for of in parts),
        )
    if answer.further_tests:
        notes = [f"{part.value}: not compared; {part.note}." for part in answer.further_tests if part.note]
        further = [part for part in answer.further_tests if not part.note]
        beside = PartEffects("", "test, the primary one", answer.test_texts, answer.positives, answer.effects)
        scored = [beside, *further] if further else []
        yield ReportSection(
            "tests",
            f"Further test sets: {', '.join(part.value for part in answer.further_tests)}",
            (f"{_of_kind(FURTHER, answer.kind)} Primary metric: {title(answer.primary)}.", *notes),
            tables=(by_part(answer, scored),) if scored else (),
            folded=(by_criterion(answer, scored),) if scored else (),
        )


def _of_kind(text: str, kind: str) -> str:
    for words, others in THRESHOLDS.items() if kind == "single" else ():
        text = text.replace(words, others)
    return text
