"""Reading pools for an audit, and judging their texts with a label check."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from support.builders import run_config
from synthsweep.audit.sample import draw_audit, strata_of
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.errors import ConfigError
from synthsweep.examples import text_key
from synthsweep.progress import Event, Stage
from synthsweep.run.audit_pools import judge_pools, read_pools

FEW = ("data.train_size=60", "data.dev_size=10", "data.test_size=10", "llm=simulator", "generate.n=5")


def test_pools_are_read_as_they_were_written_one_after_the_other() -> None:
    """Curation drops nothing from them."""

    one, two = (
        run_config(*FEW[:3], "generate.n=5", f"llm={llm}", "curation.min_words=400") for llm in ("simulator", "recorded")
    )

    pools = read_pools([one, two])

    assert [text.provenance.llm for text in pools.examples] == ["simulator"] * 35 + ["recorded"] * 35
    assert len(pools.corpus.split.train) == 60


@pytest.mark.slow
def test_a_check_judges_every_text_that_could_have_been_drawn() -> None:
    """By the label that it was asked for; half of the simulator's labels are wrong, and the check doubts many of them."""

    events: list[Event] = []
    config = run_config(*FEW, "llm.simulator.label_noise=0.5", "curation.label_check=classifier")
    pools = read_pools([config])
    audit = draw_audit(pools.examples, (), pools.corpus.labels, AuditSettings(n=7), seed=1)

    judged = judge_pools([config], audit, events.append)

    assert judged is not None
    strata = strata_of(pools.examples, pools.corpus.labels)
    assert {stratum: set(verdicts) for stratum, verdicts in judged.verdicts.items()} == {
        stratum: {text_key(text.text) for text in texts} for stratum, texts in strata.items()
    }
    assert {agreed for verdicts in judged.verdicts.values() for agreed in verdicts.values()} == {True, False}
    assert (judged.name, events) == ("a classifier", [Stage("a classifier reads pool 1 of 1")])


def test_without_a_check_there_are_no_verdicts_and_an_audit_judges_no_audit() -> None:
    config = run_config(*FEW)
    pools = read_pools([config])
    audit = draw_audit(pools.examples, (), pools.corpus.labels, AuditSettings(n=7), seed=1)
    audited = replace(config, curation=replace(config.curation, label_check="audit", audit="default"))

    assert judge_pools([config], audit) is None
    with pytest.raises(ConfigError, match=r"^curation.label_check=audit: an audit is not judged by an audit"):
        judge_pools([audited], audit)


@pytest.mark.slow
def test_a_text_in_two_pools_is_one_and_two_texts_of_one_id_are_two() -> None:
    """Two files of one name give their texts the same ids; a verdict belongs to the text that was read."""

    texts = {"one": ["He lines up cars.", "She hums."], "two": ["He lines up cars.", "He flaps his hands."]}
    for folder, own in texts.items():
        Path(folder).mkdir()
        lines = [json.dumps({"label": "B1", "text": text}) for text in own]
        Path(folder, "pool.jsonl").write_text("\n".join(lines), encoding="utf-8")
    shared = (*FEW[:3], "llm=recorded", "curation.label_check=classifier")
    configs = [run_config(*shared, f"llm.path={folder}/pool.jsonl") for folder in texts]
    pools = read_pools(configs)
    audit = draw_audit(pools.examples, (), pools.corpus.labels, AuditSettings(n=3), seed=1)

    judged = judge_pools(configs, audit)

    assert judged is not None
    assert sum(audit.sizes.values()) == 3
    assert [set(verdicts) for verdicts in judged.verdicts.values()] == [{"he lines up cars", "she hums", "he flaps his hands"}]
