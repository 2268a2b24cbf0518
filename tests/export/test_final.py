"""What cannot be trained once more on dev is refused in one line, before anything is trained."""

import numpy as np
import pytest

from support.builders import run_config
from synthsweep.config.keys.export import ModelExportConfig
from synthsweep.errors import StudyError
from synthsweep.export.final import final_model
from synthsweep.progress import silent
from synthsweep.run.final_run import DevChoices, with_dev
from synthsweep.run.prepare import prepare
from synthsweep.run.record.description import config_text
from synthsweep.track.reader import CONFIG
from synthsweep.track.writer import RunStart, Status, Tracker

SMALL = ("experiment=ci", "tracking.figures=false", "data.train_size=20", "data.dev_size=15", "data.test_size=15")


def refusal(
    tracker: Tracker, *overrides: str, status: Status = "FINISHED", tags: dict[str, str] | None = None, config: str = ""
) -> str:
    """What is said of a run that was made with these keys, without the ID of the run."""
    text = config or config_text(run_config(*SMALL, *overrides))
    run_id = tracker.start(RunStart("one", {}, tags or {}, files={CONFIG: text}))
    tracker.finish(status)
    with pytest.raises(StudyError) as error:
        final_model(ModelExportConfig(run=run_id, path="out", final=True), silent)
    return str(error.value).replace(run_id, "ID")


def test_only_what_is_trained_on_real_texts_has_a_final_run(tracker: Tracker) -> None:
    assert refusal(tracker, "model=llm", "mix=real_only", "llm@classifier=gpt-4o-mini") == (
        "final=true: the classifier of run ID is model=llm, an LLM that is asked and not trained: take a run of another model"
    )
    assert refusal(tracker, "mix=synthetic_only").startswith("final=true: run ID is of mix=synthetic_only, which trains on no")
    assert refusal(tracker, status="FAILED") == "run=ID is FAILED, and final=true needs a finished run: take another one"


@pytest.mark.slow
def test_what_dev_decided_holds_for_its_own_texts_alone(tracker: Tracker) -> None:
    """Other real texts, other synthetic ones, and a run whose files are gone."""
    real, drawn = refusal(tracker, tags={"data_digest": "0" * 16}), refusal(tracker, tags={"mix_digest": "0" * 16})

    assert real.startswith("final=true: the real texts are others than those of run ID (0000000000000000 then, ")
    assert drawn.startswith("final=true: the synthetic texts are others than those of run ID (0000000000000000 then, ")
    assert refusal(tracker) == (
        "final=true: run ID has no predictions.parquet among its artifacts: train it again with synthsweep run"
    )


def test_dev_joins_the_real_texts_and_the_synthetic_ones_stay() -> None:
    """Test and reserve are untouched, and so is the run's own data."""
    before = prepare(run_config(*SMALL))
    merged = with_dev(before)
    split = before.corpus.split

    assert merged.mix.real == (*split.train, *split.dev)
    assert merged.mix.synthetic == before.mix.synthetic
    assert len(before.mix.synthetic) == 5
    assert (merged.corpus.split.dev, merged.corpus.split.test, merged.mix.baseline) == ((), split.test, 35)
    assert merged.corpus.reserve == before.corpus.reserve
    assert {merged.data_digest, merged.mix_digest}.isdisjoint({before.data_digest, before.mix_digest})


@pytest.mark.parametrize(
    ("epochs", "thresholds", "fixed", "end"),
    [
        (3, [0.5, 0.2], " for 3 epochs. Number of epochs, thresholds and temperature are those", "with these thresholds."),
        (3, [np.nan, np.nan], " for 3 epochs. Number of epochs and temperature are those", "So there are no scores on dev."),
        (None, [0.5, 0.2], ". Thresholds and temperature are those", "with these thresholds."),
        (None, [np.nan, np.nan], ". The temperature is the one", "So there are no scores on dev."),
    ],
)
def test_what_was_fixed_is_said(epochs: int | None, thresholds: list[float], fixed: str, end: str) -> None:
    """Of classes that exclude each other, there are no thresholds; a regression takes no epochs."""
    said = DevChoices("ID", "mine", epochs, np.array(thresholds), 1.5).sentences

    assert f"on train and dev together{fixed} that run ID of study mine chose on dev before it was trained on" in said
    assert said.endswith(end)
