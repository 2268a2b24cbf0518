"""Small real values for tests: examples, label sets, configurations as Hydra composes them."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from hydra import compose, initialize_config_dir

from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import frozen, register_root
from synthsweep.config.keys.run import RunConfig
from synthsweep.examples import Criterion, Example, LabelSet, Provenance
from synthsweep.track.choose import TrackingStore
from synthsweep.track.writer import RecordingTracker

# Sixty short texts of nine children, with a column each for A and B.
AB_CSV = "id,child,text,A,B\n" + "".join(f"{i},c{i % 9},sentence number {i},{i % 2},{int(i % 3 == 0)}\n" for i in range(60))
AB = LabelSet("ab", (Criterion("A", "Alpha", "alphas"), Criterion("B", "Beta", "betas")), "a short note")


def real(ident: str, *labels: str, text: str = "", group: str | None = None) -> Example:
    """A real example; its text follows from its id unless given."""
    return Example(ident, text or f"text of {ident}", frozenset(labels), group)


def synthetic(ident: str, *labels: str, text: str = "") -> Example:
    """A synthetic example that was asked for its first label."""
    asked = labels[0] if labels else ""
    return Example(ident, text or f"written {ident}", frozenset(labels), None, Provenance("synthetic", "llm", "plain", asked))


def run_config(*overrides: str) -> RunConfig:
    """The configuration of `synthsweep run OVERRIDES`."""
    return _composed(overrides, Path.cwd() if Path("conf").exists() else None)


@cache
def _composed(overrides: tuple[str, ...], own_choices: Path | None) -> RunConfig:
    # Hydra takes a quarter of a second, and hundreds of tests compose the same.
    register_root("run")
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        return frozen(compose("run", list(overrides)), RunConfig)


def store_of(tracker: RecordingTracker) -> TrackingStore:
    """A store of this tracker alone."""
    return TrackingStore(tracker, tracker)


class Answer(NamedTuple):
    """What a command gave: its exit status, stdout, and the lines of stderr."""

    status: int
    out: str
    err: list[str]
