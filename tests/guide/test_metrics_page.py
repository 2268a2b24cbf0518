"""The guide's page of metrics names every number that is kept, and no other."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.builders import Answer as Said
from support.filled_sheets import answers_to
from support.llm_server import Llm, Reply, as_json, completion, serving, texts
from synthsweep.audit.folder import audit_folder, open_answers, read_audit
from synthsweep.config.compose.folders import shipped
from synthsweep.train.checkpoint import Checkpoint

PAGE = shipped("guide") / "metrics.md"
# What stands for a word in capitals; all others are one part of a name.
PLACES = {"SPLIT": "(dev|test)", "PART": "(train|dev|test)", "METRIC": ".+", "SHARE": ".+", "ORDER": r"(0\.5|1|2|inf)"}
SIZES = ("data.train_size=60", "data.dev_size=30", "data.test_size=30")
SMALL = (*SIZES, "experiment=ci", "tracking.figures=false")
# Every step of curation, every planted fault and every characteristic.
STEPS = (
    "characteristics=all", "generate.n=30", "mix.ratio=0.2", "curation.near_duplicates=both", "curation.against_train=true",
    "curation.min_words=2", "curation.max_words=60", "curation.balance=true", "curation.label_check=confident",
    *(f"plant.{fault}=0.1" for fault in ("label_noise", "omission", "duplication", "near_duplicates", "truncation")),
)  # fmt: skip


# - `NAME`, `NAME` (unit; source): definition
ENTRY = re.compile(r"^- (`[^`]+`(?:, `[^`]+`)*) \(([^;]+); ([^:]+)\): (.+)$", re.MULTILINE)


def described() -> dict[str, re.Pattern[str]]:
    """Each name that has an entry, and what it stands for."""
    names = [name for entry in ENTRY.findall(PAGE.read_text(encoding="utf-8")) for name in re.findall(r"`([^`]+)`", entry[0])]
    return {name: re.compile(re.sub(r"[A-Z]{4,}", lambda word: PLACES.get(word[0], "[^/]+"), name)) for name in names}


def billed(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    """Texts for a writer, a label for a judge; each answer states its cost, and the first has an empty text."""
    judged = "Which of these criteria" in asked["messages"][-1]["content"]
    written = texts(asked, number) if number else ["", *texts(asked, number)]
    body = completion(asked, json.dumps({"labels": ["A1"]}) if judged else as_json(written))
    body["usage"]["cost"] = 0.001
    return Reply(body=body)


def bought(address: str) -> list[str]:
    """A pool of the server `address`, which has a price."""
    price = [f"llm.{key}" for key in ("free=false", "price_per_million.input=1", "price_per_million.output=1")]
    return ["llm=vllm", "llm.model=m", f"llm.base_url={address}", "generate.n=5", "generate.max_usd=1", *price]


def audited(cli: Callable[..., Said]) -> None:
    """Two raters answer a sample of two prompts with controls; confident learning reads the pools."""
    pools = (*SIZES, "generate.n=10", "audit.prompts=[plain,attributed]")
    cli("audit", "export", *pools, "audit.n=28", "audit.real=2", "audit.planted=2")
    folder = audit_folder("mlruns", "default")
    answers = answers_to(read_audit(folder), rater="anna"), answers_to(read_audit(folder), "wrong", rater="bo")
    open_answers(folder).add([*answers[0].values(), *list(answers[1].values())[:4]])
    cli("audit", "import", *SIZES, "generate.n=10", "curation=checked")


def logged() -> set[str]:
    """The names of all metrics in the store."""
    from mlflow.tracking import MlflowClient

    from synthsweep.track.mlflow.local_store import database_uri
    from synthsweep.track.mlflow.metric_names import COUNTS

    client = MlflowClient(tracking_uri=database_uri(Path("mlruns")))
    experiments = [found.experiment_id for found in client.search_experiments()]
    return {name.removeprefix(COUNTS) for run in client.search_runs(experiments) for name in run.data.metrics}


@pytest.mark.slow
@pytest.mark.long
def test_every_metric_that_is_kept_has_an_entry_and_every_entry_a_metric(
    cli: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs with every step, control arms, a resumed training, a paid pool and its judge, a study, a generation and an audit."""
    said = [cli("run", *SMALL, *STEPS), cli("run", *SMALL, "mix=duplicate_real", "training.windows=max")]
    audited(cli)
    said.append(cli("run", *SMALL, "curation=audited", "mix.ratio=0.1"))
    with serving(billed) as llm:
        said.append(cli("generate", *bought(llm.address)))
        judge = ("curation=judged", "curation.judge_answers=1", "llm@judge=vllm", "judge.model=m", "judge.free=false")
        prices = ("judge.price_per_million.input=1", "judge.price_per_million.output=1", f"judge.base_url={llm.address}")
        said.append(cli("run", *SMALL, *bought(llm.address), *judge, *prices, "mix.count=1"))
        asked = ("model=llm", "llm@classifier=vllm", "classifier.model=m", "classifier.free=false", "generate.max_usd=1")
        prices = tuple(price.replace("judge", "classifier") for price in prices)
        said.append(cli("run", *SMALL, "mix=real_only", *asked, *prices))
    said.append(cli("run", *SMALL, "mix=real_only", "model=tfidf"))
    said.append(cli("run", "-m", "sweeps=ci", "training.learning_rate=1e-3", "hydra/launcher=basic", "tracking.figures=false"))
    rows = "".join(
        f"{'calm loud odd'.split()[n % 3]} {n},{','.join(str(int(n % 3 == one)) for one in range(3))}\n" for n in range(60)
    )
    Path("classes.csv").write_text(f"text,calm,loud,odd\n{rows}", encoding="utf-8")
    classes = ("labels=from_data", "labels.kind=single", "data=csv", "data.path=classes.csv", "data.train_size=0")
    said.append(cli("run", *SMALL[3:], *classes, "data.dev_size=0", "data.test_size=0", "mix=real_only"))
    partly = "".join(f"text {n},{n % 2},{(n // 2) % 2 if n % 5 else ''}\n" for n in range(60))
    Path("partly.csv").write_text(f"text,calm,loud\n{partly}", encoding="utf-8")
    ignoring = ("labels=from_data", "data=csv", "data.path=partly.csv", "data.missing_labels=ignore", "data.train_size=0")
    said.append(cli("run", *SMALL[3:], *ignoring, "data.dev_size=0", "data.test_size=0", "mix=real_only"))
    # As a process that is killed between its last evaluation and its record.
    monkeypatch.setattr(Checkpoint, "forget", lambda checkpoint: None)
    said += [cli("run", *SMALL, "mix=real_only", "training.checkpoint=true", "force=true") for _ in range(2)]
    assert [answer.err[-1:] for answer in said if answer.status] == []

    names, entries = logged(), described()

    assert {name for name in names if not any(entry.fullmatch(name) for entry in entries.values())} == set()
    assert {name for name, pattern in entries.items() if not any(pattern.fullmatch(kept) for kept in names)} == set()


def test_a_name_has_one_entry_with_unit_source_and_definition() -> None:
    page = PAGE.read_text(encoding="utf-8")

    names = [name for entry in ENTRY.findall(page) for name in re.findall(r"`([^`]+)`", entry[0])]

    assert [name for name in set(names) if names.count(name) > 1] == []
    # What an entry lacks hides it.
    slashed = re.findall(r"^- `[^`]+/[^`]+`.*", page, re.MULTILINE)
    assert [line for line in slashed if not ENTRY.match(line)] == []
