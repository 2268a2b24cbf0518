"""What the page of a study in MLflow says after a comparison."""

from dataclasses import replace

import pytest

from support import answers
from synthsweep.compare.report.note import with_answer

FOUND = replace(answers.EMPTY, headline=("Adding 1 text helps.", "A <b> does not."), warnings=("Few seeds.",), demo=False)
TABLE = "| trial | state |\n| --- | --- |\n| 0 | complete |"


@pytest.mark.parametrize("note", [TABLE, f"`synthsweep compare study=x` says more.\n\n## Trials\n\n{TABLE}"])
def test_the_sentences_and_the_report_stand_above_the_trials(note: str) -> None:
    """Also above those that an earlier version listed; another comparison takes the place of the first one."""

    first = with_answer(FOUND, "", note, "run:7/report")
    second = with_answer(replace(FOUND, headline=("Other.",)), "baseline prompt=plain", first, "run:7/reports/b")

    assert first == (
        "**What synthsweep compare says**: [the report, with figures and every criterion](run:7/report/report.html)\n\n"
        f"- Adding 1 text helps.\n- A &lt;b&gt; does not.\n\nMind:\n\n- Few seeds.\n\n## Trials\n\n{TABLE}"
    )
    assert second == (
        "**What synthsweep compare says** (baseline prompt=plain): [the report, with figures and every criterion]"
        f"(run:7/reports/b/report.html)\n\n- Other.\n\nMind:\n\n- Few seeds.\n\n## Trials\n\n{TABLE}"
    )


def test_a_study_of_the_demo_corpus_says_so() -> None:
    assert "no clinical finding" in with_answer(replace(FOUND, demo=True), "", "", "run:7/report")
