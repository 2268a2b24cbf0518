"""Each finding is ok or has the command that mends it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from synthsweep.cli.doctor import Finding, examine, report
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.config.roots import DoctorConfig
from synthsweep.track.mlflow.local_store import require_store


def finding(name: str, config: DoctorConfig | None = None) -> Finding:
    return next(found for found in examine(config or DoctorConfig()) if found.name == name)


def test_weights_of_a_package_that_is_missing_name_the_package() -> None:
    found = finding("weights", DoctorConfig(model=ModelConfig(name="gone", name_or_path="package:no_such_package/model")))

    assert (found.state, found.remedy.endswith("-m pip install no-such-package")) == ("lacks", True)


def test_weights_of_the_hub_that_are_not_here_name_the_download() -> None:
    """Nothing is fetched to find out."""
    found = finding("weights", DoctorConfig(model=ModelConfig(name="biobert", name_or_path="dmis-lab/biobert")))

    assert (found.state, found.remedy) == ("lacks", "hf download dmis-lab/biobert")


def test_a_store_is_counted_or_said_to_be_broken(tmp_path: Path) -> None:
    """A damaged database is moved aside, not deleted."""
    assert "will be made by the first run" in finding("runs").text
    require_store(tmp_path / "mlruns")
    assert "0 runs" in finding("runs").text
    (tmp_path / "mlruns" / "mlflow.db").write_bytes(b"no database at all" * 100)

    broken = finding("runs")

    assert (broken.state, broken.remedy) == ("lacks", "mv mlruns/mlflow.db mlruns/mlflow.db.broken")


def test_a_missing_key_is_only_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default run needs none."""
    monkeypatch.delenv("HF_TOKEN", raising=False)

    assert finding("HF_TOKEN").state == "note"


def test_a_folder_that_is_not_there_yet_is_judged_by_its_parent(tmp_path: Path) -> None:
    """The first run makes it."""
    config = DoctorConfig(tracking=TrackingConfig(folder=str(tmp_path / "a" / "b")))

    assert [finding(name, config).state for name in ("folder", "disk")] == ["ok", "ok"]


def test_the_report_counts_what_lacks_and_names_the_remedy() -> None:
    """A note is not counted."""
    lines: list[str] = []
    findings = [Finding("a", "ok", "fine"), Finding("b", "note", "so so"), Finding("c", "lacks", "gone", "get c")]

    ready = report(iter(findings), lines.append)

    assert not ready
    assert lines[2:] == ["lacks  c              gone; mend it with: get c", "1 thing to mend before a run."]
    assert report(iter(findings[:2]), lines.append)


def test_each_check_has_a_line(cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is reported, and never shown."""

    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")

    answer = cli("doctor")

    states = {line.split()[1]: line.split()[0] for line in answer.out.splitlines()[:-1]}
    assert answer.status == 0
    assert all(states[check] == "ok" for check in ("python", "torch", "weights", "OPENAI_API_KEY", "runs", "disk"))
    assert "secret" not in json.dumps(answer)
