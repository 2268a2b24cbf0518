"""What a study promises: one change of a key, a level or a file makes another study, or no run of it another run."""

import json
from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from support.audits import small
from support.builders import AB_CSV
from support.plans import composed, opened_loader, planner
from synthsweep.audit.folder import audit_folder, open_answers, write_audit
from synthsweep.audit.items import Answer
from synthsweep.config.acting import acts_of, sections_of
from synthsweep.config.compose.grammar import word
from synthsweep.config.flat import flat, values_of
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.rules import Acts, Section
from synthsweep.errors import ConfigError, DataError, StudyError
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import prepare
from synthsweep.study.design.definition import require_same
from synthsweep.study.run_key import run_key
from synthsweep.sweep.plan import Plan

pytestmark = pytest.mark.slow

STUDY = {
    "study": "mine", "data": "csv", "data.path": "ab.csv", "data.id": "id", "data.group": "child", "labels": "from_data",
    "llm.path": "pool.jsonl", "model": "tiny", "characteristics": "none", "mix.ratio": "0,0.25", "training": "fast",
    "seed": "1,2",
}  # fmt: skip
BY_LLM_ALONE = {"answers": "2", "exemplars": "1", "system": "other", "template": "other", "probabilities": "logprobs"}
# The same question to an LLM that classifies.
BY_LLM = {"model": "llm", "mix": "real_only", "llm@classifier": "gpt-4o-mini"}
COLLABORATORS = Collaborators(cache=ProcessCache())
# `sweep` belongs to the sweeper; the study varies `seed`, and asks for this LLM by the file of its texts.
KEYS = [key for key in flat(values_of(RunConfig())) if not key.startswith("sweep.")]
# Where the type does not say what else a key may be, or what must be said beside it.
OTHERWISE = {
    "data.kind": {"data.kind": "jsonl", "data.path": "pool.jsonl"},
    "data.path": {"data.path": "other.csv"},
    "data.files.train": {"data.path": "null", "data.files.train": "ab.csv"},
    "data.files.dev": {"data.path": "null", "data.files.train": "ab.csv", "data.files.dev": "other.csv"},
    "data.files.test": {"data.path": "null", "data.files.train": "ab.csv", "data.files.test": "other.csv"},
    "data.text": {"data.text": "said"},
    "data.id": {"data.id": "null"},
    "data.encoding": {"data.encoding": "latin-1"},
    "data.group": {"data.group": "null"},
    "labels.ids": {"labels.ids": "[A]"},
    "llm.path": {"llm.path": "other.jsonl"},
    "llm.model": {"llm.model": "somebody"},
    "llm.kind": {"llm.kind": "simulator", "llm.path": "null"},
    "judge.model": {"judge.kind": "openai", "judge.model": "m", "judge.base_url": "'http://127.0.0.1:1/v1'"},
    "classifier.model": {
        "classifier.kind": "openai", "classifier.model": "m", "classifier.base_url": "'http://127.0.0.1:1/v1'",
    },
    "classifier.kind": {"classifier.kind": "simulator"},
    "classifier.path": {"classifier.path": "other.jsonl"},
    "classifier.members": {"++classifier.members.one.kind": "simulator"},
    "classifier.price_per_million.input": {
        "classifier.price_per_million.input": "1", "classifier.price_per_million.output": "1",
    },
    "classifier.price_per_million.output": {
        "classifier.price_per_million.input": "1", "classifier.price_per_million.output": "2",
    },
    "model.kind": {"model": "tfidf"},
    "model.inverse_penalty": {"model": "tfidf", "model.inverse_penalty": "2"},
    "model.pairs": {"model": "setfit", "model.pairs": "3"},
    "model.pair_learning_rate": {"model": "setfit", "model.pair_learning_rate": "1e-4"},
    **{f"model.{name}": {**BY_LLM, f"model.{name}": value} for name, value in BY_LLM_ALONE.items()},
    "judge.path": {"judge.path": "other.jsonl"},
    "judge.kind": {"judge.kind": "simulator"},
    "llm.price_per_million.input": {"llm.price_per_million.input": "1", "llm.price_per_million.output": "1"},
    "llm.price_per_million.output": {"llm.price_per_million.input": "1", "llm.price_per_million.output": "2"},
    "judge.price_per_million.input": {"judge.price_per_million.input": "1", "judge.price_per_million.output": "1"},
    "judge.price_per_million.output": {"judge.price_per_million.input": "1", "judge.price_per_million.output": "2"},
    "prompt.attributes": {"++prompt.attributes.tone": "[plain]"},
    "prompt.when": {"++prompt.attributes.tone": "[plain]", "++prompt.when.tone": "{plain: {label: [A]}}"},
    "prompt.openings": {"prompt": "diverse", "prompt.openings": "3"},
    "labels.names": {"++labels.names.A": "Alpha"},
    "labels.descriptions": {"++labels.descriptions.A": "alphas"},
    "llm.members": {"++llm.members.one.kind": "simulator"},
    "judge.members": {"++judge.members.one.kind": "simulator"},
    "model.random_sizes": {"++model.random_sizes.hidden_size": "64"},
    "select.by": {"select.by": "length", "select.which": "highest"},
    "select.which": {"select.by": "length", "select.which": "lowest"},
    "select.length_matched": {"select.by": "mattr", "select.which": "lowest", "select.length_matched": "true"},
    "curation.label_check": {"curation.label_check": "classifier"},
    "evaluation.threshold": {"evaluation.threshold": "0.5"},
    "tracking.kind": {"tracking": "none"},
    "mix.arm": {"mix.arm": "size_matched"},
    "replicates": {"replicates": "3", "seed": "5"},
    "seed": {"seed": "2,3"},
    "study": {"study": "other"},
}  # fmt: skip
# How a study is worked off, and what else a search tries, changes no run.
FREE = {
    "n_trials", "sampler", "storage", "enqueue", "warm_start", "max_retries", "max_hours", "max_failures", "lease_s",
    "batch_size", "seed",
}  # fmt: skip


def make_folder() -> None:
    """Fills the current folder with a corpus, a pool, and two choices of training."""
    for name in ("ab.csv", "other.csv"):
        Path(name).write_text(AB_CSV)
    rows = [{"label": label, "text": f"a sentence of {label}, number {n}", "also": []} for label in "AB" for n in range(20)]
    for name in ("pool.jsonl", "other.jsonl"):
        Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    if not audit_folder("mlruns", "other").exists():
        write_audit(small(3), audit_folder("mlruns", "other"))
        open_answers(audit_folder("mlruns", "other")).save(Answer(small(3).items[0].id, "Anna", "right"))
    Path("conf/training").mkdir(parents=True)
    for name, epochs in (("fast", 1), ("slow", 2)):
        Path(f"conf/training/{name}.yaml").write_text(f"defaults: [default]\nepochs: {epochs}\n")
    Path("conf/experiment").mkdir()
    Path("conf/experiment/careful.yaml").write_text("# @package _global_\ntraining:\n  batch_size: 9\n")
    Path("conf/experiment/plain.yaml").write_text("# @package _global_\nmodel:\n  frozen_layers: 1\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("user")


@pytest.fixture(scope="module")
def plan_of(folder: Path) -> Iterator[Callable[..., Plan]]:
    """Plans the study with these arguments in place of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_folder()
        with opened_loader() as loader:
            planned = planner(loader, composed(loader))

            def plan(changes: dict[str, str], **settings: Any) -> Plan:
                return planned(*(f"{key}={value}" for key, value in {**STUDY, **changes}.items()), **settings).plan

            yield plan


@pytest.fixture(scope="module")
def before(plan_of: Callable[..., Plan]) -> tuple[Plan, list[str]]:
    """The study as it was begun, and the keys of its runs."""
    plan = plan_of({})
    return plan, runs(plan)


@pytest.fixture(autouse=True)
def there(folder: Path, own_folder: Path, plan_of: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test begins with the folder as it was made."""
    monkeypatch.chdir(folder)
    yield
    rmtree("conf")
    make_folder()


def runs(plan: Plan) -> list[str]:
    """The keys of a study's runs with its first seed."""
    cells = [plan.composer.run([*plan.fixed, *plan.space.overrides(cell.assignment)]) for cell in plan.cells]
    return [run_key(config, prepare(config, COLLABORATORS)) for config in cells]


def refusal(before: Plan, after: Plan) -> str:
    """Why the second plan is not the study of the first one; empty if it is."""
    try:
        require_same("mine", json.loads(json.dumps(before.definition.plain())), after.definition)
    except StudyError as error:
        return str(error)
    return ""


def others(key: str) -> Iterator[dict[str, str]]:
    """Ways to give a key another value, as its declaration allows."""
    if key in OTHERWISE:
        yield OTHERWISE[key]
        return
    item, value = declared(key), flat(values_of(RunConfig()))[key]
    rule = item.metadata.get("rule")
    if rule is not None and rule.choices:
        yield from ({key: choice} for choice in rule.choices if choice != value)
    elif isinstance(value, bool):
        yield {key: str(not value).lower()}
    elif isinstance(value, int | float) or rule is not None:
        start = value or 0
        tried = (start + 1, start + 2, 1, 0.5, start / 2)
        yield from ({key: str(number)} for number in tried if number != value and (rule is None or rule.holds(number)))
    else:
        yield {key: "[other]" if isinstance(value, list) else word("true" if "bool" in str(item.type) else "other")}
        yield {key: "true"}


def declared(key: str) -> Field[Any]:
    """The field of a key, in whatever section."""
    holder: type[Section] = RunConfig
    *above, name = key.split(".")
    for part in above:
        holder = sections_of(holder)[part]
    return next(item for item in fields(holder) if item.name == name)


@pytest.mark.parametrize("key", KEYS)
def test_one_changed_key_is_refused_or_changes_no_run(
    key: str, before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]
) -> None:
    """A new key is among these as soon as it is declared."""

    for changes in others(key):
        try:
            after = plan_of(changes)
        except ConfigError:
            continue
        break
    else:
        pytest.fail(f"say in OTHERWISE what else {key} can be")
    said = refusal(before[0], after)

    if Acts.DEFINITION in acts_of(RunConfig, key) or key in {"seed", "replicates", "tracking.kind"}:
        assert f"{key}" in said or "tracking keeps" in said or "seeds" in said
    else:
        assert (said, runs(after)) == ("", before[1])


@pytest.mark.parametrize("name", [item.name for item in fields(SweeperSettings)])
def test_a_changed_key_of_the_sweeper_is_refused_or_changes_no_run(
    name: str, before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]
) -> None:
    others: dict[str, Any] = {
        "fraction": 0.5, "objective": "dev/f1/macro", "direction": "minimize", "aggregate": "lower_bound",
        "constraints": ["dev/recall/macro >= 0.1"], "params": {"training.batch_size": "8,16"},
        "conditions": {"training.epochs": {"mix.ratio": [0.25]}}, "n_trials": 7, "storage": "sqlite:///elsewhere.db",
        "max_retries": 0, "max_hours": 2.0, "max_failures": 3, "lease_s": 5.0, "batch_size": 2, "seed": 9,
        "pruner": {"_target_": "optuna.pruners.NopPruner"},
    }  # fmt: skip
    searching = {"design", "sampler", "enqueue", "warm_start"}
    if name in searching:
        pytest.skip("a factorial study with these seeds refuses it, and a search proposes its next trials with it")

    if name in {"until", "min_seeds", "max_seeds"}:
        pytest.skip("it acts with replicates=auto alone, and is refused beside a number of them")

    factors = {"training.epochs": "1,2"} if name == "conditions" else {}
    begun, after = plan_of(factors) if factors else before[0], plan_of(factors, **{name: others[name]})

    assert (refusal(begun, after) == "") == (name in FREE)
    if name in FREE:
        assert [cell.digest for cell in after.cells] == [cell.digest for cell in before[0].cells]


def test_another_design_is_refused(before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]) -> None:
    searching = plan_of({"seed": "1", "replicates": "2"}, design="search")

    assert "design: factorial before, search now" in refusal(before[0], searching)


LEVELS = {
    "a level less": {"mix.ratio": "0"},
    "another level": {"mix.ratio": "0,0.5"},
    "another order": {"mix.ratio": "0.25,0"},
    "another choice": {"training": "fast,slow"},
    "a factor more": {"training.batch_size": "8,16"},
    "no factor": {"mix.ratio": "0.25"},
}


@pytest.mark.parametrize("changes", LEVELS.values(), ids=LEVELS)
def test_a_changed_level_is_refused(
    changes: dict[str, str], before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]
) -> None:
    assert f"hydra.sweeper.params.{next(iter(changes))}" in refusal(before[0], plan_of(changes))


def test_further_levels_and_seeds_leave_every_cell_as_it_was(
    before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]
) -> None:
    grown = plan_of({"mix.ratio": "0,0.25,0.5", "training": "fast,slow", "seed": "1,2,3"})
    begun = plan_of({"training": "fast,slow"})

    assert refusal(begun, grown) == ""
    assert {cell.digest for cell in begun.cells} < {cell.digest for cell in grown.cells}


FILES = {
    "the corpus": ({}, "ab.csv", "content of ab.csv"),
    "the pool": ({}, "pool.jsonl", "content of pool.jsonl"),
    "the second corpus": ({"data.path": "ab.csv,other.csv"}, "other.csv", "content of other.csv"),
    "the second pool": ({"llm.path": "pool.jsonl,other.jsonl"}, "other.jsonl", "content of other.jsonl"),
    "the test texts": (OTHERWISE["data.files.test"], "other.csv", "content of other.csv"),
    "the first choice": ({"training": "fast,slow"}, "conf/training/fast.yaml", "training=fast: training."),
    "the second choice": ({"training": "fast,slow"}, "conf/training/slow.yaml", "training=slow: training."),
    "a choice that another one hides": (
        {"training": "fast,slow", "experiment": "careful,plain"}, "conf/training/slow.yaml",
        "training=slow experiment=plain: configuration: ",
    ),
    "the only choice": ({"training": "slow"}, "conf/training/slow.yaml", "training."),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "file", "named"), FILES.values(), ids=FILES)
def test_one_changed_file_is_refused_by_its_name(
    changes: dict[str, str], file: str, named: str, plan_of: Callable[..., Plan]
) -> None:
    """Whatever level reads it."""

    begun = plan_of(changes)
    more = {".csv": "60,c1,one more,1,1\n", ".jsonl": '{"label": "A", "text": "one more"}\n', ".yaml": "batch_size: 3\n"}
    with Path(file).open("a") as opened:
        opened.write(more[Path(file).suffix])

    assert named in refusal(begun, plan_of(changes))


SEARCHED = {
    "a pool that the first ratio does not need": {"mix.ratio": "0,0.5", "llm.path": "pool.jsonl,other.jsonl"},
    "a pool beside a range": {"mix.ratio": "interval(0,1)", "llm.path": "other.jsonl"},
    "a pool that the first arm does not need": {"mix": "real_only,augment", "mix.ratio": "0.5", "llm.path": "other.jsonl"},
}


@pytest.mark.parametrize("changes", SEARCHED.values(), ids=SEARCHED)
def test_a_search_keeps_what_any_of_its_trials_may_read(changes: dict[str, str], plan_of: Callable[..., Plan]) -> None:
    """Its configurations are not known when it begins."""

    searched = {"seed": "1", **changes}
    begun = plan_of(searched, design="search")
    with Path("other.jsonl").open("a") as opened:
        opened.write('{"label": "A", "text": "one more"}\n')

    assert "content of other.jsonl" in refusal(begun, plan_of(searched, design="search"))


def test_a_part_of_the_seed_that_is_set_is_another_study_even_at_the_same_number(plan_of: Callable[..., Plan]) -> None:
    """The second replicate has another one then."""

    following, fixed = plan_of({"seed": "1,2"}), plan_of({"seed": "1,2", "seeds.init": "1"})

    assert "seeds.init: not there before, 1 now" in refusal(following, fixed)
    assert "seeds.init: 1 before, not there now" in refusal(fixed, following)


def test_every_file_of_a_level_must_be_there(plan_of: Callable[..., Plan]) -> None:
    """Before anything runs."""

    with pytest.raises(DataError, match=r"^data.path=none.csv: there is no such file"):
        plan_of({"data.path": "ab.csv,none.csv"})


def test_members_of_members_of_a_union_are_other_configurations(plan_of: Callable[..., Plan]) -> None:
    inner = ["++llm.members.b.members.c.path=pool.jsonl,other.jsonl", "++llm.members.b.members.d.kind=simulator"]
    union = {"llm": "demo_both", "llm.path": "null", "mix.ratio": "0.5", "++llm.members.b.kind": "union"}

    assert len(plan_of({**union, **dict(text.split("=", 1) for text in inner)}).cells) == 2


def test_a_study_of_the_version_before_goes_on(before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]) -> None:
    """It kept fewer keys, and nothing of its levels; what it kept still counts."""

    kept = before[0].definition.plain()
    del kept["levels"]
    kept["fixed"] = {
        **{key: value for key, value in kept["fixed"].items() if key not in {"characteristics.kind", "training.device"}},
        "generate.max_usd": 5, "content of /elsewhere/demo.csv": "abc",
    }  # fmt: skip

    require_same("mine", kept, before[0].definition)
    with pytest.raises(StudyError, match=r"training.weight_decay: 0.01 before, 0.5 now"):
        require_same("mine", kept, plan_of({"training.weight_decay": "0.5"}).definition)


def test_a_file_that_no_run_reads_changes_nothing(before: tuple[Plan, list[str]], plan_of: Callable[..., Plan]) -> None:
    Path("other.csv").unlink()
    Path("conf/training/third.yaml").write_text("defaults: [default]\n")

    assert refusal(before[0], plan_of({})) == ""
