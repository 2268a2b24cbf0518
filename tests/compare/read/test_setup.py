"""What the compared runs used, from the configuration that each of them kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from support.grids import grid_of, output, texts_of
from synthsweep.compare.grid import Grid
from synthsweep.compare.read.kept_config import KeptConfigs
from synthsweep.compare.read.setup import setup_of
from synthsweep.compare.setup import StudySetup
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import RunStart, Tracker

KEPT = {
    "data": {"kind": "csv", "path": "/private/children.csv"},
    "llm": {"name": "gpt", "kind": "openai", "model": "gpt-x", "base_url": "http://127.0.0.1:1/v1"},
    "prompt": {
        "variant": "rich", "system": "You write.", "template": "About {{ criterion }}.", "attributes": {"age": ["4", "9"]},
        "exemplars": 2,
    },
    "model": {"name": "minilm", "name_or_path": "package:weights", "frozen_layers": 3},
    "training": {"epochs": 7},
}  # fmt: skip


def grid(run_ids: dict[str, str]) -> Grid:
    test = texts_of(np.array([[1], [0]]))
    outputs = {name: replace(output(np.zeros((2, 1))), run_id=run_id) for name, run_id in run_ids.items()}
    made = grid_of((test,), {name: [one] for name, one in outputs.items()})
    facts = [{"train/real": 80.0, "train/synthetic": 40.0 * place} for place in range(len(run_ids))]
    return replace(made, cells=tuple(replace(cell, facts=of) for cell, of in zip(made.cells, facts, strict=True)))


def keep(tracker: Tracker, folder: Path, values: dict[str, Any]) -> str:
    files = folder / "files"
    files.mkdir()
    (files / "config.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    run_id = tracker.start(RunStart("run", {}, {}))
    tracker.log_files(files)
    tracker.finish("FINISHED")
    return run_id


@pytest.fixture
def kept(tracker: Tracker, tmp_path: Path) -> str:
    return keep(tracker, tmp_path, KEPT)


def test_a_setup_is_read_from_what_the_runs_kept(kept: str) -> None:
    """A path of the user's shrinks to its name; a prompt is given as the LLM got it."""
    found = setup_of(grid({"base": kept, "arm": kept}), [], KeptConfigs(existing_reader(TrackingConfig())), None)

    assert (found.corpora, found.encoders) == (("children.csv",), ("minilm (package:weights, 3 layers frozen)",))
    assert (found.llms, found.prompts, found.training["epochs"]) == (("gpt (model gpt-x)",), ("rich",), ("7",))
    assert found.prompt_texts["rich"] == (
        "You write.\n\nAbout {{ criterion }}.\n\nage, drawn at random: 4, 9\nReal texts shown as examples: 2"
    )
    assert (found.real, found.synthetic, found.dev, found.thresholds) == (
        (80,),
        (40,),
        (),
        ("chosen per criterion on dev for the best F1",),
    )
    assert found.splits == (
        "The split assigned 20 % to dev and 20 % to test, text by text and stratified by label (Sechidis et al. 2011), by "
        "seed 1.",
    )


def test_texts_of_a_file_have_no_prompt(tracker: Tracker, tmp_path: Path) -> None:
    """The configured one was asked of nobody."""
    own = {**KEPT, "llm": {"name": "recorded", "kind": "recorded", "path": "mine/texts.jsonl"}}
    run_id = keep(tracker, tmp_path, own)

    found = setup_of(grid({"base": run_id, "arm": run_id}), [], KeptConfigs(existing_reader(TrackingConfig())), None)

    assert found.llms == ("an LLM that is not recorded (texts of the file texts.jsonl)",)
    assert (found.prompts, found.prompt_texts) == (("not recorded",), {})


def test_what_no_run_kept_stays_empty(kept: str) -> None:
    """A run that is gone, or one without its configuration."""
    found = setup_of(grid({"base": "0" * 32}), [], KeptConfigs(existing_reader(TrackingConfig())), 0.5)

    assert found == StudySetup(thresholds=("fixed at 0.5",), real=(80,))


def test_a_rule_per_label_is_said_in_words(kept: str) -> None:
    """Not as the mapping that somebody wrote."""
    rules = {"A1": 0.3, "default": "dev_recall>=0.9"}
    found = setup_of(grid({"base": kept}), [], KeptConfigs(existing_reader(TrackingConfig())), rules)

    assert found.thresholds == (
        "for A1 fixed at 0.3; for the other criteria chosen per criterion on dev for the highest precision at a recall of at "
        "least 0.9",
    )
