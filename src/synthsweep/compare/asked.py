"""Checks the names in a question against what the runs vary, before a file is read or anything is computed; pure."""

import difflib
from collections.abc import Collection, Sequence

from synthsweep.compare.baseline import has_level, key_and_value
from synthsweep.compare.read.placed_runs import PlacedRuns
from synthsweep.config.roots import CompareConfig
from synthsweep.config.thresholds import require_labels
from synthsweep.errors import StudyError
from synthsweep.examples import RESERVED_IDS
from synthsweep.messages import listing

# How a run's metrics name its labels.
SUPPORT = "test/support/"
SHOWN = 8


def require_known(config: CompareConfig, runs: PlacedRuns) -> None:
    """Refuses factors, baselines and labels that the runs do not have.

    Raises:
        StudyError, ConfigError: a name is unknown, with those that there are.
    """
    for factor in config.words("factors"):
        if factor not in runs.levels:
            raise StudyError(f"factors={factor}: the study varies no such key{_hint('factors', factor, runs.levels)}")
    _require_baseline(config.words("baseline"), runs)
    if labels := _labels(runs):
        require_labels(config.compare.threshold, labels, "compare.threshold")


def _require_baseline(words: Sequence[str], runs: PlacedRuns) -> None:
    if " ".join(words) in runs.cells:
        return
    if len(words) == 1 and words[0].isdigit():
        if int(words[0]) not in runs.trials:
            numbers = listing(sorted(runs.trials), SHOWN) or "none"
            raise StudyError(f"baseline={words[0]}: no finished trial has this number; there are {numbers}")
        return
    for word in words:
        _require_level(word, runs)


def _require_level(word: str, runs: PlacedRuns) -> None:
    """A word is KEY:LEVEL."""
    key, level = key_and_value(word)
    if not level:
        near = difflib.get_close_matches(word, runs.cells, n=1)
        meant = f"did you mean baseline='{near[0]}'?" if near else f"there are {listing(list(dict.fromkeys(runs.cells)), 4)}"
        raise StudyError(f"baseline={word}: this is no KEY:LEVEL, no number of a trial and no name of a configuration; {meant}")
    if key not in runs.levels:
        raise StudyError(f"baseline={word}: the study varies no {key}{_hint('baseline', key, runs.levels, f':{level}')}")
    if not any(has_level(one, word) for one in runs.assignments):
        raise StudyError(f"baseline={word}: {key} has no such level{_hint(f'baseline={key}:', level, runs.levels[key])}")


def _hint(before: str, word: str, known: Collection[str], after: str = "") -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean {before}{'' if before.endswith(':') else '='}{near[0]}{after}?"
    return f"; there are {listing(sorted(known), SHOWN)}" if known else "; all its runs have the same settings"


def _labels(runs: PlacedRuns) -> tuple[str, ...]:
    names = (key.removeprefix(SUPPORT) for run in runs.runs for key in run.metrics if key.startswith(SUPPORT))
    return tuple(dict.fromkeys(name for name in names if name not in RESERVED_IDS))
