"""What the pages of a study and of its trials say in the tracking store: Markdown with links to runs and tables; pure."""

import re
from collections.abc import Mapping, Sequence

from synthsweep.config.commands import assign, command_line
from synthsweep.pages.tables.markdown import markdown
from synthsweep.study.queue.trial_queue import Trial
from synthsweep.track.reader import TRIALS
from synthsweep.track.views import view_name


def study_note(study: str, rows: Sequence[Sequence[str]], trial_runs: Mapping[str, str]) -> str:
    """The table of trials, best first; `trial_runs` are the ids of their runs by the numbers in its first column."""
    asks = command_line("compare", assign("study", study))
    question = f"`{asks}` says what this study shows, here and in a report."
    table = re.sub(r"(?m)^\| (\d+) \|", lambda found: f"| {_linked(found[1], trial_runs.get(found[1], ''))} |", markdown(rows))
    return f"{question}\n\n{TRIALS}\n\n[Its training runs as a table](view:{view_name(study)})\n\n{table}"


def trial_note(trial: Trial) -> str:
    """How a trial ended, and the runs that it consists of."""
    runs = ", ".join(_linked(f"replicate {number}", one.run_id) for number, one in sorted(trial.outcomes.items()))
    return f"trial {trial.number}: {trial.state}{f'; {runs}' if runs else ''}"


def _linked(text: str, run_id: str) -> str:
    return f"[{text}](run:{run_id})" if run_id else text
