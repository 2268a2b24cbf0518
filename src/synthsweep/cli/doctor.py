"""What this machine lacks, and what an LLM's endpoint can do: one line per check, ok or with the command that fixes it."""

import importlib.util
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path

from omegaconf import DictConfig

from synthsweep.cli.finding import Finding
from synthsweep.config.commands import for_shell
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.training import SETFIT, ModelConfig
from synthsweep.config.roots import DoctorConfig
from synthsweep.errors import ModelError
from synthsweep.messages import first_line
from synthsweep.storage.sqlite import open_existing_sqlite
from synthsweep.track.mlflow.moved_store import DATABASE

PACKAGES = ("hydra-core", "mlflow", "optuna", "transformers", "torch", "openai", "datasets", "scikit-learn")
KEYS = ("OPENAI_API_KEY", "HF_TOKEN")
FREE_GIB = 2
BUSY_S = 5.0


def doctor(node: DictConfig) -> None:
    """`synthsweep doctor`: one line per check; fails if a run lacks something that it needs."""
    config = frozen(node, DoctorConfig)
    if not report(examine(config)):
        raise SystemExit(1)


def examine(config: DoctorConfig) -> Iterator[Finding]:
    """Every check, in the order in which a new machine fails them."""
    yield Finding("python", "ok", platform.python_version())
    yield from (_package(name) for name in PACKAGES)
    yield _device()
    yield _weights(config.model)
    if config.model.kind == SETFIT:
        yield _package(SETFIT)
    yield from (_key(name) for name in KEYS)
    folder = Path(config.tracking.folder)
    yield _store("runs", folder / DATABASE)
    yield _writable(folder)
    yield _disk(folder)
    if config.llm.hosted:
        from synthsweep.cli.doctor_llm import examine_llm

        yield from examine_llm(config.llm)
    elif config.llm.kind == "union":
        yield Finding("llm", "note", f"{config.llm.choice} joins other LLMs: ask for each by its own name")


def report(findings: Iterator[Finding], show: Callable[[str], None] = print) -> bool:
    """Shows each finding as it comes; returns whether a run can work here."""
    lacking = 0
    for finding in findings:
        lacking += finding.state == "lacks"
        remedy = f"; mend it with: {finding.remedy}" if finding.remedy else ""
        show(f"{finding.state:<6} {finding.name:<14} {finding.text}{remedy}")
    show("All that a run needs is here." if not lacking else f"{lacking} thing{'s' * (lacking > 1)} to mend before a run.")
    return not lacking


def _package(name: str) -> Finding:
    try:
        return Finding(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, "lacks", "not installed", _install(name))


def _install(package: str) -> str:
    return for_shell(sys.executable, "-m", "pip", "install", package)


def _device() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("device", "lacks", "no torch, no device", _install("torch"))
    import torch

    if torch.cuda.is_available():
        return Finding("device", "ok", f"cuda: {torch.cuda.get_device_name(0)}")
    if torch.backends.mps.is_available():
        return Finding("device", "ok", "mps")
    return Finding("device", "ok", f"cpu, {torch.get_num_threads()} threads")


def _weights(model: ModelConfig) -> Finding:
    from synthsweep.pretrained import resolve_path

    if not model.pretrained:
        return Finding("weights", "ok", f"model={model.name} reads none")
    try:
        path = resolve_path(model.name_or_path)
    except ModelError as error:
        package = model.name_or_path.removeprefix("package:").partition("/")[0].replace("_", "-")
        return Finding("weights", "lacks", first_line(error), _install(package))
    if (Path(path) / "config.json").is_file():
        return Finding("weights", "ok", f"model={model.name}, on this machine")
    from huggingface_hub import try_to_load_from_cache

    if isinstance(try_to_load_from_cache(path, "config.json", revision=model.revision), str):
        return Finding("weights", "ok", f"model={model.name}, in the hub's cache")
    return Finding("weights", "lacks", f"model={model.name}: {path} is not here", for_shell("hf", "download", path))


def _key(name: str) -> Finding:
    # Says only whether the key is set: no part of it is ever shown.
    if os.environ.get(name):
        return Finding(name, "ok", "set")
    return Finding(name, "note", "not set; only an LLM or a hub that asks for it needs it")


def _store(name: str, database: Path) -> Finding:
    if not database.exists():
        return Finding(name, "ok", f"{database} will be made by the first run")
    try:
        with closing(open_existing_sqlite(database, read_only=True, busy_s=BUSY_S)) as connection:
            answer = connection.execute("PRAGMA quick_check").fetchone()[0]
            runs = connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0]
    except sqlite3.Error as error:
        return Finding(
            name, "lacks", f"{database} cannot be read: {error}", for_shell("mv", str(database), f"{database}.broken")
        )
    if answer != "ok":
        return Finding(name, "lacks", f"{database} is damaged: {answer}", for_shell("sqlite3", str(database), ".recover"))
    return Finding(name, "ok", f"{database}, {runs} run{'s' * (runs != 1)}")


def _writable(folder: Path) -> Finding:
    existing = _existing(folder)
    if os.access(existing, os.W_OK):
        return Finding("folder", "ok", f"{folder.absolute()} can be written to")
    return Finding(
        "folder", "lacks", f"{existing} cannot be written to", "cd to a folder of yours, or set tracking.folder=FOLDER"
    )


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_existing(folder)).free / 2**30
    if free < FREE_GIB:
        return Finding(
            "disk", "lacks", f"{free:.1f} GiB free, below {FREE_GIB}", "free some space, or set tracking.folder=FOLDER"
        )
    return Finding("disk", "ok", f"{free:.0f} GiB free")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest of its parents that exists."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return place
