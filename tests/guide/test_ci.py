"""CI, ours and the one that the guide gives to a lab: the fast configuration first, and what a reader finds afterwards."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.builders import Answer as Said
from synthsweep.config.compose.folders import shipped

OURS = Path(__file__).parents[2] / ".github/workflows/ci.yml"
# Sixty children with two notes each: the sizes of the guide's example leave some in each part.
LOOKS, RUNS = ("reads on", "looks away"), ("sits", "runs off")
CSV = "id,child,text,inattentive,restless\n" + "".join(
    f'{n},c{n % 60},"note {n}: he {LOOKS[n % 2]} and {RUNS[n % 3 > 0]}",{n % 2},{int(n % 3 > 0)}\n' for n in range(120)
)


def ours() -> dict[str, Any]:
    return dict(yaml.safe_load(OURS.read_text(encoding="utf-8")))


def of_the_guide() -> dict[str, Any]:
    """The workflow in the guide's how-to."""
    found = re.search(
        r"```yaml\n(.*?)```\n\n`requirements", (shipped("guide") / "howto-ci.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    return dict(yaml.safe_load(found[1]))


def commands(workflow: dict[str, Any]) -> list[str]:
    """What the fast job's steps run, without the installation."""
    steps = workflow["jobs"]["fast"]["steps"]
    return [step["run"] for step in steps if "run" in step and step["name"] != "Install"]


def execute(workflow: dict[str, Any], folder: Path) -> str:
    """Runs them one after the other, as GitHub does; returns the summary of the job's page."""
    summary = folder / "summary.md"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    more = {"GITHUB_STEP_SUMMARY": str(summary), "PATH": path, "OMP_NUM_THREADS": "1"}
    variables = {**os.environ, **more, **workflow["jobs"]["fast"].get("env", {})}
    for command in commands(workflow):
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        done = subprocess.run(shell, cwd=folder, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return summary.read_text(encoding="utf-8")


@pytest.mark.parametrize("workflow", [ours(), of_the_guide()], ids=["ours", "guide"])
def test_the_fast_job_comes_first_on_one_python_and_keeps_its_report(workflow: dict[str, Any]) -> None:
    """Every other job waits for it; a failing command before a pipe fails its step; report and summary come even then."""
    fast, *others = workflow["jobs"].values()
    by_action = {step["uses"].partition("@")[0]: step for step in fast["steps"] if "uses" in step}
    always = [step for step in fast["steps"] if step.get("if") == "always()"]

    assert "needs" not in fast
    assert "strategy" not in fast
    assert {job["needs"] for job in others} <= {"fast"}
    assert workflow["defaults"]["run"]["shell"] == "bash"
    assert by_action["actions/setup-python"]["with"]["cache"] == "pip"
    assert by_action["actions/upload-artifact"]["with"]["path"] == "mlruns/reports"
    assert [step.get("name", step.get("uses")) for step in always] == ["Summary", "actions/upload-artifact@v4"]


def test_the_files_that_our_workflow_names_exist() -> None:
    """The script of the suites, the constraints that key the cache, the target of make."""
    root, steps = OURS.parents[2], [step for job in ours()["jobs"].values() for step in job["steps"]]

    keys = {step["with"]["cache-dependency-path"] for step in steps if "cache-dependency-path" in step.get("with", {})}
    scripts = {word for step in steps for word in shlex.split(step.get("run", "")) if word.startswith(".ci/")}

    assert [name for name in (*keys, *scripts) if not (root / name).is_file()] == []
    assert scripts
    assert "\ninstall:" in (root / "Makefile").read_text(encoding="utf-8")


@pytest.mark.slow
def test_each_command_of_the_guides_workflow_is_one_that_composes(cli: Callable[..., Said]) -> None:
    workflow = of_the_guide()
    Path("data").mkdir()
    Path("data/mine.csv").write_text(CSV, encoding="utf-8")
    lines = [line.partition(" | ")[0] for line in commands(workflow) if line.startswith("synthsweep ")]

    said = []
    for line in lines:
        words = shlex.split(line.replace("$DATA", workflow["jobs"]["fast"]["env"]["DATA"]))[1:]
        said.append(cli(*words, *(["sweep.dry_run=true"] if "-m" in words else ["--cfg", "job"])))

    assert [answer.status for answer in said] == [0, 0, 0], said
    assert "2 configurations of 2 seeds" in said[1].out


@pytest.mark.slow
def test_the_steps_of_our_fast_job_end_in_a_report_and_a_summary(tmp_path: Path) -> None:
    """The job's page shows the scores, what the report says, and what each command took."""
    (tmp_path / ".venv").symlink_to(sys.prefix)

    summary = execute(ours(), tmp_path)

    assert re.findall(r"^## (\w+)$", summary, re.MULTILINE) == ["run", "study", "compare"]
    assert len(re.findall(r"^Took .+ s, at most [\d,]+ MiB of memory in one process\.$", summary, re.MULTILINE)) == 2
    assert "┃ criterion ┃" in summary
    assert "8 of 8 replicates finished" in summary
    assert (tmp_path / "mlruns/reports/ci/report.html").is_file()
