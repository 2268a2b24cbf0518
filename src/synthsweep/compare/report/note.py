"""What a comparison says on the page of its study in the tracking store; pure."""

from synthsweep.compare.report.page import PAGE
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.page import DEMO_NOTE
from synthsweep.pages.tables.markdown import plain_text
from synthsweep.track.reader import TRIALS

ANSWER = "**What synthsweep compare says**"


def with_answer(comparison: Comparison, asked: str, note: str, place: str) -> str:
    """Markdown with the sentences of a comparison and a link to its report, above the trials of an earlier `note`.

    `asked` is the question where it is not the usual one; `place` is the folder of the report, as `run:ID/report`.
    """
    sentences = [*comparison.headline, *((DEMO_NOTE,) if comparison.demo else ())]
    question = f" ({plain_text(asked)})" if asked else ""
    parts = [
        # The page shows three lines until it is unfolded.
        f"{ANSWER}{question}: [the report, with figures and every criterion]({place}/{PAGE})",
        "\n".join(f"- {plain_text(one)}" for one in sentences),
        *(["Mind:\n\n" + "\n".join(f"- {plain_text(one)}" for one in comparison.warnings)] if comparison.warnings else []),
        _trials(note),
    ]
    return "\n\n".join(filter(None, parts))


def _trials(note: str) -> str:
    if TRIALS in note:
        return note[note.index(TRIALS) :]
    # An earlier version wrote nothing but the trials.
    return f"{TRIALS}\n\n{note}" if note and ANSWER not in note else ""
