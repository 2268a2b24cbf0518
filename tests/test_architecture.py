"""Imports point one way, and the check that holds it can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("module", "planted", "broken"),
    [
        ("curate/mix.py", "", ""),
        ("curate/mix.py", "import mlflow", "synthsweep.curate is not allowed to import mlflow"),
        ("compare/read/runs.py", "import mlflow", "synthsweep.compare is not allowed to import mlflow"),
        ("corpus/load.py", "import synthsweep.generate.pool", "synthsweep.corpus is not allowed to import synthsweep.generate"),
        ("study/run_key.py", "import hydra", "synthsweep.study is not allowed to import hydra"),
    ],
)
def test_a_planted_import_breaks_a_contract(tmp_path: Path, module: str, planted: str, broken: str) -> None:
    """The sources as they are pass; a pure module with a framework, or a room with its neighbour, does not."""

    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "src" / "synthsweep" / module).open("a") as source:
        source.write(f"\n{planted}\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}

    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (1 if planted else 0) == done.returncode, done.stdout + done.stderr
    assert broken in done.stdout
