"""An installed package works in any folder: the wheel carries conf/, sweeps/ and the shipped texts."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.patience import LIMIT_S

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_folder(tmp_path: Path) -> None:
    """Without the checkout, a sweep's file, the demo corpus, the recorded replies and the report's page are found."""

    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path / "wheels"), str(ROOT)]
    subprocess.run(build, check=True, timeout=LIMIT_S)
    with zipfile.ZipFile(next((tmp_path / "wheels").glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "OMP_NUM_THREADS": "1"}
    program = "import sys, synthsweep.cli.main as c; print(c.__file__); sys.exit(c.main(sys.argv[1:]))"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=LIMIT_S)

    swept = run("run", "-m", "sweeps=ci", "training.epochs=1", "training.learning_rate=1e-3", "hydra/launcher=basic")
    compared = run("compare", "study=ci", "compare.resamples=100")
    guide = run("guide", "decisions")

    assert (swept.returncode, compared.returncode) == (0, 0), swept.stderr + compared.stderr
    assert str(tmp_path / "site") in swept.stdout.splitlines()[0]
    assert (guide.returncode, "Decisions" in guide.stdout) == (0, True)
    assert "4 of 4 replicates finished" in swept.stdout
    assert (tmp_path / "mlruns/reports/ci/report.html").is_file()
