"""CI, ours and the one that the guide gives to a lab: the fast configuration first, and what a reader finds afterwards."""

import os
import re
import shlex
import subprocess
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


def execute(command: str, folder: Path) -> str:
    """Runs a step, as GitHub does; returns the summary of the job's page."""
    summary = folder / "summary.md"
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
    subprocess.run(shell, cwd=folder, env={**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}, check=True)
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


def test_the_fast_job_runs_what_the_script_of_the_suites_ends_with() -> None:
    """So whoever runs .ci/run at home has run that job."""
    script = (OURS.parents[2] / ".ci/run").read_text(encoding="utf-8").splitlines()

    *steps, _ = commands(ours())
    assert [step.partition(" | ")[0] for step in steps] == [line for line in script if line.startswith(".venv/bin/synthsweep")]


def test_the_page_of_the_fast_job_shows_what_each_command_said(tmp_path: Path) -> None:
    """A command that did not run has no section."""
    for name in ("run", "compare"):
        (tmp_path / f"{name}.txt").write_text(f"what {name} said\n", encoding="utf-8")

    summary = execute(commands(ours())[-1], tmp_path)

    assert summary == "".join(f"## {name}\n\n```text\nwhat {name} said\n```\n\n" for name in ("run", "compare"))
