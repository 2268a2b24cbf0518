"""What the pages of a study and its trials say in MLflow."""

from support.studies import outcome
from synthsweep.study.queue.trial_queue import Trial
from synthsweep.study.results.note import study_note, trial_note

ROWS = [["trial", "configuration", "state"], ["1", "ratio=0.5", "complete"], ["0", "ratio=1", "open"]]


def test_a_study_lists_its_trials_with_links() -> None:
    """To the runs of those that have one, and to the table of all training runs."""

    note = study_note("mine", ROWS, {"1": "abc"})

    assert note.startswith("`synthsweep compare study=mine` says what this study shows")
    assert "\n\n## Trials\n\n[Its training runs as a table](view:study-mine)\n\n| trial |" in note
    assert note.splitlines()[-2:] == ["| [1](run:abc) | ratio=0.5 | complete |", "| 0 | ratio=1 | open |"]


def test_a_trial_links_its_runs() -> None:
    trial = Trial(3, {}, state="complete", outcomes={0: outcome(0.5)})

    assert trial_note(trial) == f"trial 3: complete; [replicate 0](run:{trial.outcomes[0].run_id})"
    assert trial_note(Trial(4, {}, state="failed")) == "trial 4: failed"
