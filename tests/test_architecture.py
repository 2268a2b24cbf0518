"""The shape of the sources: imports point one way, class names are unique, and the root stays small."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from support.patience import LIMIT_S

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src"
CONTRACTS = [
    contract["name"] for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
ROOT_MODULES = {
    "__init__", "__main__", "errors", "examples", "label_checker", "loopback", "messages", "pretrained", "progress", "stopping",
    "stratify", "words",
}  # fmt: skip
# An import that must not be, per layer and per pure package; each file has one, so that no import hides another.
PLANTED = {
    "errors": "synthsweep.progress",
    "pages.tables.table": "synthsweep.track.mlflow.local_store",
    "storage.leases": "synthsweep.run.cache",
    "corpus.load": "synthsweep.generate.pool",
    "curate.mix": "synthsweep.generate.open_completer",
    "train.schedule": "synthsweep.evaluate.metrics",
    "track.mlflow.local_store": "synthsweep.audit.items",
    "run.record.result": "synthsweep.study.reuse",
    "study.sweep_runner": "synthsweep.compare.grid",
    "compare.grid": "synthsweep.inspect.report.page",
    "inspect.word_use": "synthsweep.display.screen",
    "display.screen": "synthsweep.sweep.plan",
    "sweep.plan": "synthsweep.cli.main",
    "stratify": "optuna",
    "messages": "omegaconf",
    "audit.stats.shares": "mlflow",
    "compare.stats.power": "mlflow",
    "compare.report.page": "optuna",
    "curate.plant": "mlflow",
    "evaluate.thresholds": "optuna",
    "generate.offline.eda": "openai",
    "generate.prompts.plan": "openai",
    "study.run_key": "hydra",
    "workers.worker": "hydra",
    "pages.numbers": "omegaconf",
    "storage.process": "hydra",
    "track.environment": "omegaconf",
    "run.cache": "hydra",
    "compare.search.confirm": "hydra",
    "compare.read.runs": "mlflow",
    "api.frames": "mlflow",
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


def test_imports_keep_every_contract() -> None:
    linted = lint_imports(ROOT)

    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert [name for name in CONTRACTS if f"{name} KEPT" not in linted.stdout] == []


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with all planted imports."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(SOURCES, folder / "src")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for module, imported in PLANTED.items():
        source = folder / "src/synthsweep" / f"{module.replace('.', '/')}.py"
        source.write_text(f"{source.read_text()}\nimport {imported}\n")
    return lint_imports(folder).stdout


def test_every_contract_can_be_broken(broken: str) -> None:
    assert [name for name in CONTRACTS if f"{name} BROKEN" not in broken] == []


@pytest.mark.parametrize("module", PLANTED)
def test_a_planted_import_is_caught(broken: str, module: str) -> None:
    assert f"synthsweep.{module} -> {PLANTED[module]} (l." in broken


@pytest.mark.slow
def test_no_two_classes_share_a_name() -> None:
    """Private ones included: a name that is searched for leads to one class."""
    places: dict[str, list[str]] = defaultdict(list)
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(file.relative_to(SOURCES)))

    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_the_root_of_the_package_has_few_modules() -> None:
    """A new module goes into a folder, or is named here with good reason."""
    modules = {file.stem for file in (SOURCES / "synthsweep").glob("*.py")}

    assert modules == ROOT_MODULES
    assert len(ROOT_MODULES) <= 12
