"""Groups runs by configuration (cells) and by seeds (blocks), from their parameters alone; pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.acting import acts_of, below, sections_of
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import ENCODER, LLM
from synthsweep.config.rules import Acts
from synthsweep.study.queue.trial_queue import in_words

# Runs that differ only in these keys are replicates of one configuration.
SEEDS = ("seed", "seeds.subset", "seeds.draw", "seeds.init", "seeds.order", "data.split_seed")
SECTIONS = sections_of(RunConfig)
# A choice of a config group sets many keys; the keys listed here identify the choice.
GROUPS = {name: tuple(f"{name}.{key}" for key in section.named_by) for name, section in SECTIONS.items() if section.named_by}
# A run on which such a key cannot act has none. Any other key that is missing is one that its version did not know.
MAY_BE_IDLE = tuple(name for name, section in SECTIONS.items() if section.of_synthetic)
# Without synthetic texts these have no effect. Characteristics stay a factor: a study may vary what it measures on controls.
SYNTHETIC_KEYS = tuple(name for name in MAY_BE_IDLE if name != "characteristics")
KIND = "model.kind"
DOSES = ("mix.ratio", "mix.count")
REAL_ONLY = {"mix": "real_only"}


@dataclass(frozen=True)
class Described:
    """The parameters of a run; `texts` is how many texts it added to the real training set, or trained on instead."""

    study: str
    params: Mapping[str, str]
    assignment: Mapping[str, str] | None
    texts: float


def assignments(runs: Sequence[Described]) -> list[dict[str, str]]:
    """The factors of each run: those of its trial or, for single runs, the parameters in which the runs differ.

    Seeds are not factors. If runs differ in anything else and come from several studies, the study becomes a factor.
    """
    varied = _varied([run.params for run in runs])
    alone = any(run.assignment is None for run in runs)
    found = [_of_params(run, varied) if alone else _of_trial(run) for run in runs]
    apart = {run.study for run in runs} if unmodelled_differences(runs, found) else set()
    if len(apart) > 1:
        found = [{**one, "study": run.study} for one, run in zip(found, runs, strict=True)]
    return _short(found)


def _short(found: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Shortens file paths to file names, unless two files have the same name."""
    levels = levels_of(found)
    clear = {key for key, values in levels.items() if len({shown(value) for value in values}) == len(values)}
    return [{key: shown(value) if key in clear else value for key, value in one.items()} for one in found]


def unmodelled_differences(runs: Sequence[Described], found: Sequence[Mapping[str, str]]) -> list[str]:
    """Keys that differ between runs but are not factors, such as `training.epochs: 3, 6`."""
    factors = {key for one in found for key in one}
    modelled = {*factors, *SEEDS}
    synthetic = [run.params for run in runs if run.texts]
    everywhere = _varied([run.params for run in runs])
    within = _varied(synthetic) if synthetic else {}
    differences = []
    for key, levels in everywhere.items():
        # A control has an LLM and a ratio in its parameters, but they have no effect.
        seen = within.get(key, []) if below(key, SYNTHETIC_KEYS) else levels
        if len(seen) > 1 and not below(key, modelled) and not _silent(key) and not _follows_kind(key, everywhere):
            differences.append(f"{key}: {', '.join(seen[:4])}")
    return differences


def cell_name(assignment: Mapping[str, str]) -> str:
    """The name of a cell, such as `ratio=0.5 llm=recorded`."""
    return in_words(assignment) or "all runs"


def shown(value: str) -> str:
    """A level for display: a path becomes the name of its file."""
    return Path(value).stem if "/" in value else value


def block_names(params: Sequence[Mapping[str, str]]) -> list[str]:
    """The seeds of each run that vary between runs and do not follow `seed`, such as `seed=1 seeds.init=2`."""
    keys = [key for key in SEEDS if len({one.get(key) for one in params}) > 1]
    own = [key for key in keys if not (key.startswith("seeds.") and all(one.get(key) == one.get("seed") for one in params))]
    return [" ".join(f"{key}={one.get(key, '')}" for key in own) or f"seed={one.get('seed', '')}" for one in params]


def levels_of(assignments: Iterable[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Every factor with its levels, in the order of first occurrence; numbers are sorted."""
    found: dict[str, dict[str, None]] = {}
    for one in assignments:
        for key, value in one.items():
            found.setdefault(key, {})[value] = None
    return {key: tuple(sorted(values, key=number) if all(map(_is_number, values)) else values) for key, values in found.items()}


def number(text: str) -> float:
    """A level as a number."""
    return float(text)


def _is_number(text: str) -> bool:
    try:
        return text == text.strip() and float(text) == float(text)
    except ValueError:
        return False


def _of_trial(run: Described) -> dict[str, str]:
    return {key: value for key, value in (run.assignment or {}).items() if key not in SEEDS}


def _of_params(run: Described, varied: Mapping[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in varied:
        group = next((name for name in GROUPS if below(key, (name,))), None)
        if below(key, SEEDS) or _silent(key):
            continue
        if key not in run.params:
            # It cannot act on this run.
            continue
        if group is None or key in DOSES or key.startswith("llm.simulator."):
            found[key] = run.params[key]
        elif key in GROUPS[group]:
            named = [run.params.get(name, "") for name in GROUPS[group] if name in varied]
            found[group] = " ".join(text for text in map(shown, named) if text and text != "None")
    if run.texts:
        return found
    return {**{key: value for key, value in found.items() if not below(key, SYNTHETIC_KEYS)}, **REAL_ONLY}


def _varied(params: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The keys in which runs differ, with their values; a run differs from none in a key that cannot act on it."""
    # Most of hundreds of keys have one value in all of a thousand runs.
    differing = {key for one in params[1:] for key, _ in one.items() ^ params[0].items()}
    keys = [key for key in dict.fromkeys(itertools.chain.from_iterable(params)) if key in differing]
    idle = {key for key in keys if below(key, MAY_BE_IDLE)}
    acting = {key: [one for one in params if key in one or not (key in idle or _not_of_its_kind(one, key))] for key in keys}
    levels = {key: list(dict.fromkeys(one.get(key, "") for one in acting[key])) for key in keys}
    # A dose is a ratio in one run and a number of texts in another.
    several = len({name for one in params for name in DOSES if name in one}) > 1
    return {key: values for key, values in levels.items() if len(values) > 1 or (several and key in DOSES)}


def _not_of_its_kind(params: Mapping[str, str], key: str) -> bool:
    """Whether a key says how steps are trained, of a run that takes none, or which LLM is asked, of one that asks none."""
    kind = params.get(KIND, ENCODER)
    return (below(key, ("training",)) and kind != ENCODER) or (below(key, ("classifier",)) and kind != LLM)


def _follows_kind(key: str, varied: Mapping[str, list[str]]) -> bool:
    """Whether a key belongs to one kind of classifier where kinds differ, which the name of the classifier says already."""
    return KIND in varied and below(key, ("model",)) and key != "model.name"


def _silent(key: str) -> bool:
    return Acts.COMPARISON not in acts_of(RunConfig, key)
