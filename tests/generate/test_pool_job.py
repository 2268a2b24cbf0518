"""The texts that a pool lacks, before anything is sent."""

import logging
from dataclasses import replace

import pytest

from support.builders import AB, real, run_config
from synthsweep.generate.pool_job import plan_job
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.plan import PromptPlan

WRITER = ("llm=ollama", "llm.model=small", "generate.n=1", "prompt.per_request=1")


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("rewrite", ["prompt=rewrite: llm=ollama takes none of 2 texts with labels that nobody decided on"]),
        ("few_shot", []),
        ("plain", []),
    ],
)
def test_a_prompt_that_carries_labels_over_says_how_many_texts_it_leaves_out(
    prompt: str, says: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A rewritten text would lack the labels on which nobody decided; other prompts carry none over."""

    decided = [real(f"{label}{number}", label) for label in "AB" for number in range(9)]
    train = [*decided, *(replace(real(name, "A"), unknown=frozenset("B")) for name in ("x", "y"))]
    config = run_config(*WRITER, f"prompt={prompt}")
    with caplog.at_level(logging.WARNING):
        job = plan_job(config, PromptPlan(config.prompt, AB, RealTexts(train), config.llm.reply_form))
    job.store.close()

    assert [record.getMessage() for record in caplog.records] == says
