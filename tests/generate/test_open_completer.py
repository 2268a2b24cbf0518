import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from support.builders import AB, real, run_config
from support.llm_faults import pool_config
from support.llm_server import Llm, serving
from synthsweep.config.keys.run import PoolConfig
from synthsweep.corpus.labels import label_set
from synthsweep.errors import ConfigError, PoolError
from synthsweep.examples import Criterion, LabelSet
from synthsweep.generate.completer import Completer, CompletionRequest
from synthsweep.generate.offline.recorded import read_shipped
from synthsweep.generate.offline.simulator import Simulator
from synthsweep.generate.open_completer import open_completer
from synthsweep.generate.pool import fill_pool
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.progress import silent

TRAIN = [real("1", "A"), real("2", "B")]


def opened(*overrides: str, labels: LabelSet = AB) -> Completer:
    config = run_config(*overrides)
    return open_completer(config, PromptPlan(config.prompt, labels), TRAIN, silent)


def test_the_simulator_gets_the_training_texts_and_its_knobs() -> None:
    """Only this completer may see real texts, since it runs here."""

    completer = opened("llm=simulator", "llm.simulator.omission=0.5")

    assert isinstance(completer, Simulator)
    assert completer.examples == TRAIN
    assert completer.knobs.omission == 0.5


def test_the_shipped_replies_are_those_to_the_chosen_prompt() -> None:
    """No file has to be named for the criteria that the package was recorded for."""

    config = run_config("prompt=attributed")
    labels = label_set(config.labels, config.data, {})

    assert read_shipped("attributed") == open_completer(config, PromptPlan(config.prompt, labels), TRAIN, silent)


def test_llm_model_names_who_wrote_a_file() -> None:
    """Runs of two writers must differ in tags and ids."""

    Path("mine.jsonl").write_text('{"label": "A1", "text": "Mine."}\n')
    labels = LabelSet("one", (Criterion("A1"),))

    assert opened("llm.path=mine.jsonl", "llm.model=gpt-x", labels=labels).name == "gpt-x"


def test_labels_that_were_not_recorded_name_the_ways_out() -> None:
    """The shipped replies serve the shipped criteria alone."""

    with pytest.raises(PoolError, match=r"replies for A1, .*, none for A, B: .*llm\.path=FILE.*llm=simulator or mix=real_only"):
        opened()


def test_a_users_own_file_is_found_from_its_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell expands no tilde behind an equals sign."""

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.jsonl").write_text('{"label": "A", "text": "Mine."}\n', encoding="utf-8")

    completer = opened("llm.path='~/mine.jsonl'")

    assert completer.name == "mine"
    assert [own.text for own in completer.complete(CompletionRequest((), "A", 1)).own] == ["Mine."]


def test_a_users_own_replies_must_answer_the_runs_prompt() -> None:
    """An export of several prompts is no pool of one."""

    Path("mine.jsonl").write_text('{"label": "A", "prompt": "negative", "reply": "1. Mine."}\n', encoding="utf-8")

    with pytest.raises(PoolError, match=r"row 1 answers prompt=negative, the run has prompt=persona: "):
        opened("llm.path=mine.jsonl", "prompt=persona")


def test_a_file_that_is_not_there_is_named() -> None:
    """The path is shown as it was looked for."""

    with pytest.raises(PoolError, match=re.escape("llm.path: nowhere.jsonl cannot be read (No such file or directory)")):
        opened("llm.path=nowhere.jsonl")


def test_a_pool_that_may_not_ask_names_what_it_lacks_and_the_command_that_fills_it() -> None:
    """On a machine without network or key, the next step is one to copy."""

    lacks = r"llm=gpt-4o-mini prompt=plain has 0 of 6 texts, and generate\.on_demand=false"
    with pytest.raises(PoolError, match=f"^{lacks}: synthsweep generate .*, with the same data and labels, adds them$"):
        opened("llm=gpt-4o-mini", "generate.n=3", "generate.on_demand=false")


def test_a_paid_llm_without_its_key_or_a_budget_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Money is spent by a word of the user's alone."""

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(PoolError, match=r"has 0 of 6 texts; .*OPENAI_API_KEY.*; or first: synthsweep generate "):
        opened("llm=gpt-4o-mini", "generate.n=3", "generate.max_usd=1")

    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with pytest.raises(PoolError, match=r"has 0 of 6 texts; .*generate\.max_usd.*; or first: synthsweep generate "):
        opened("llm=gpt-4o-mini", "generate.n=3")


def test_rewriters_get_the_training_texts() -> None:
    """They run here, so real texts go nowhere."""

    completer = opened("llm=eda", "llm.rewriter.change=0.5")

    assert (completer.name, completer.examples) == ("eda", TRAIN)
    assert opened("llm=masked_lm", "llm.rewriter.model=nowhere").name == "masked_lm-nowhere"


@pytest.mark.parametrize("prompt", ["contrastive", "multilabel"])
def test_a_rewriter_writes_no_labels_that_a_prompt_asks_for(prompt: str) -> None:
    """Its texts show those of the real ones alone."""

    with pytest.raises(ConfigError, match=f"^prompt={prompt} needs an LLM, got llm=eda"):
        opened("llm=eda", f"prompt={prompt}")


def test_members_of_a_union_are_opened_as_each_would_be_alone() -> None:
    """A file and the simulator, in turns."""

    Path("mine.jsonl").write_text('{"label": "A", "text": "Mine."}\n{"label": "B", "text": "Mine too."}\n', encoding="utf-8")
    config = run_config("llm=demo_both", "llm.members.first.path=mine.jsonl")
    prompt_plan = PromptPlan(config.prompt, AB)
    union = open_completer(config, prompt_plan, TRAIN, silent)
    models = [union.complete(prompt_plan.request("A", sample)).model for sample in range(4)]

    assert models == ["mine", "simulator", "simulator", "simulator"]
    assert (union.finite, union.screened, union.name) == (False, True, "demo_both")


def served(llm: Llm, folder: Path, *overrides: str) -> tuple[PoolConfig, PromptPlan, Completer]:
    """The union of two models of one server, ten texts each of a criterion."""
    member = {"kind": "openai", "base_url": llm.address, "reply_format": "json_object"}
    base = pool_config("llm=both", "generate.n=20", f"tracking.folder={folder}", *overrides)
    members = {
        name: {**member, "name": name, "model": name, "price_per_million": {"input": 1, "output": 1}} for name in ("one", "two")
    }
    config = replace(base, llm=replace(base.llm, members=members))
    prompt_plan = PromptPlan(config.prompt, AB, form=config.llm.reply_form)
    return config, prompt_plan, open_completer(config, prompt_plan, TRAIN, silent)


def test_hosted_members_are_asked_for_their_share_alone(own_folder: Path) -> None:
    """Two requests of ten texts for each criterion, one a member; a second reading asks for nothing."""

    with serving() as llm:
        config, prompt_plan, union = served(llm, own_folder, "generate.max_usd=1")
        pool = fill_pool(config, prompt_plan, union)
        served(llm, own_folder, "generate.max_usd=1")

    assert Counter(asked["model"] for asked in llm.requests) == Counter(one=2, two=2)
    counts = Counter((e.provenance.criterion, e.provenance.llm) for e in pool.examples)
    assert counts == {("A", "one"): 10, ("A", "two"): 10, ("B", "one"): 10, ("B", "two"): 10}


def test_a_member_may_be_of_another_model(own_folder: Path) -> None:
    """The union takes the answers of those that it has, not of those that its preset had."""

    with serving() as llm:
        config, prompt_plan, union = served(llm, own_folder, "generate.max_usd=1")
        pool = fill_pool(config, prompt_plan, union)

    assert (config.llm.answerers, pool.reasons) == (("one", "two"), {})


def test_members_of_a_union_share_one_budget(own_folder: Path) -> None:
    """`generate.max_usd` is what the pool may cost, not each of those who write it: it suffices for one, not for both."""

    with serving() as llm, pytest.raises(PoolError, match=r"generate\.max_usd=0\.0034 is used up: .* on both/plain"):
        served(llm, own_folder, "generate.max_usd=0.0034")

    assert {"one"} <= {asked["model"] for asked in llm.requests}
    assert len(llm.answered) < 4


def test_a_member_that_may_not_be_asked_is_named_with_its_share(own_folder: Path) -> None:
    """The command fills the member's own pool, which the union then reads."""

    lacks = r"^llm=gpt-3\.5-turbo prompt=plain has 0 of 6 texts, and generate\.on_demand=false: "
    with pytest.raises(PoolError, match=rf"{lacks}synthsweep generate llm=gpt-3\.5-turbo prompt=plain generate\.n=3, "):
        opened("llm=both", "generate.n=5", "generate.on_demand=false")
