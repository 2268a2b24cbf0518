"""Small real values for tests: examples, label sets, configurations as Hydra composes them."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from hydra import compose, initialize_config_dir
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import frozen, register_root
from synthsweep.config.keys.run import RunConfig
from synthsweep.examples import Criterion, Example, LabelSet, Provenance
from synthsweep.track.choose import TrackingStore
from synthsweep.track.writer import RecordingTracker

Root = TypeVar("Root")

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
    return config_of("run", RunConfig, *overrides)


def config_of(verb: str, root: type[Root], *overrides: str) -> Root:
    """The configuration of `synthsweep VERB OVERRIDES`."""
    return _composed(verb, root, overrides, Path.cwd() if Path("conf").exists() else None)


@cache
def _composed(verb: str, root: type[Root], overrides: tuple[str, ...], own_choices: Path | None) -> Root:
    values = [word for word in overrides if "." in word.partition("=")[0]]
    node = deepcopy(_chosen(verb, tuple(word for word in overrides if word not in values), own_choices))
    # As Hydra does after the choices.
    ConfigLoaderImpl._apply_overrides_to_config(OverridesParser.create().parse_overrides(values), node)
    return frozen(node, root)


@cache
def _chosen(verb: str, overrides: tuple[str, ...], own_choices: Path | None) -> DictConfig:
    # A whole composition takes ten times as long as the rest, and hundreds of tests make the same choices.
    register_root(verb)
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        return compose(verb, list(overrides))


def store_of(tracker: RecordingTracker) -> TrackingStore:
    """A store of this tracker alone."""
    return TrackingStore(tracker, tracker)


class Answer(NamedTuple):
    """What a command gave: its exit status, stdout, and the lines of stderr."""

    status: int
    out: str
    err: list[str]
