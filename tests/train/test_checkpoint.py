"""A training that ends early goes on from its last evaluation, to the numbers that it would have had to the last bit."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from support.tiny_model import load_tiny, separable, training
from synthsweep.config.keys.training import TrainingConfig
from synthsweep.errors import Interrupted, Pruned
from synthsweep.evaluate.metrics import macro_average_precision
from synthsweep.progress import Event, Stage
from synthsweep.train.curve import CurvePoint
from synthsweep.train.fit import Fitted, TextOrder, fit
from synthsweep.train.hooks import TrainingHooks
from synthsweep.train.texts import Texts

DEV = separable(8)
KINDS = np.array([False] * 6 + [True] * 6)
TRAIN = Texts(separable(12).texts, separable(12).truth, np.where(KINDS, 0.5, 1.0), KINDS)
GROWING = {"epochs": 5, "patience": 0}


class End:
    """Ends training with an error at an evaluation, or asks it to stop at a step; notes what it sees."""

    def __init__(self, evaluation: int = 0, step: int = 0, error: type[Exception] = Interrupted) -> None:
        self.evaluation, self.step, self.error = evaluation, step, error
        self.points: list[CurvePoint] = []
        self.stages: list[str] = []
        self.steps = 0

    def on_evaluation(self, point: CurvePoint) -> None:
        self.points.append(point)
        if len(self.points) == self.evaluation:
            raise self.error("ended")

    def should_stop(self) -> bool:
        self.steps += 1
        return self.steps == self.step

    def progress(self, event: Event, /) -> None:
        if isinstance(event, Stage):
            self.stages.append(event.text)


def train(
    config: TrainingConfig,
    folder: Path | None,
    end: End | None = None,
    *,
    curriculum: str = "mixed",
    baseline: int = 0,
    **keys: Any,
) -> Fitted:
    end = end or End()
    return fit(
        load_tiny(dropout=0.3, **keys), TRAIN, DEV, config, TextOrder(baseline, 1, curriculum),
        score=lambda probabilities: macro_average_precision(DEV.truth, probabilities),
        hooks=TrainingHooks(end.progress, end.on_evaluation, end.should_stop), checkpoints=folder,
    )  # fmt: skip


def numbers(fitted: Fitted) -> tuple[Any, ...]:
    """All that a run records of it, but for seconds."""
    # Words that no text holds change by weight decay alone.
    weights = {name: tensor.tolist() for name, tensor in fitted.loaded.classifier.state_dict().items()}
    return fitted.curve, fitted.best, fitted.counts, fitted.dev_probabilities.tolist(), weights


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        (GROWING, {}),
        ({**GROWING, "select_by": "loss", "scheduler": "cosine", "weight_decay": 0.5}, {}),
        ({**GROWING, "match_steps": True}, {"baseline": 7}),
        (GROWING, {"curriculum": "synthetic_first"}),
        (GROWING, {"frozen_layers": 1}),
        ({"epochs": 9, "patience": 1, "learning_rate": 0.5}, {}),
        ({**GROWING, "windows": "mean", "max_length": 8}, {}),
    ],
    ids=["plain", "loss", "matched steps", "curriculum", "frozen", "patience", "windows"],
)
@pytest.mark.parametrize("end", [{"evaluation": 1}, {"evaluation": 2}, {"step": 5}], ids=["1", "2", "step"])
def test_it_goes_on_to_the_same_numbers(
    config: dict[str, Any], keys: dict[str, Any], end: dict[str, int], tmp_path: Path
) -> None:
    """Ended twice, at an evaluation or between two; whoever watches the last process sees the whole curve."""
    whole = train(training(**config), None, **keys)
    with pytest.raises(Interrupted):
        train(training(**config), tmp_path, End(**end), **keys)
    with suppress(Interrupted):
        train(training(**config), tmp_path, End(**end), **keys)

    watching = End()
    resumed = train(training(**config), tmp_path, watching, **keys)

    assert numbers(resumed) == numbers(whole)
    assert tuple(watching.points) == whole.curve
    assert resumed.earlier_s > 0
    assert watching.stages[0].startswith("training goes on after step ")


def test_a_checkpoint_is_its_owners_alone_until_the_run_is_recorded(tmp_path: Path) -> None:
    fitted = train(training(), tmp_path / "new")
    (file,) = (tmp_path / "new").iterdir()

    assert (file.stat().st_mode & 0o777, (tmp_path / "new").stat().st_mode & 0o777) == (0o600, 0o700)
    fitted.forget()
    assert list((tmp_path / "new").iterdir()) == []


def test_after_its_last_evaluation_nothing_is_trained_again(tmp_path: Path) -> None:
    """As after a kill while test texts are predicted."""
    first, watching = train(training(), tmp_path), End()

    again = train(training(), tmp_path, watching)

    assert (numbers(again), watching.steps) == (numbers(first), 0)


@pytest.mark.parametrize(
    "changed", ["config", "texts", "truth", "weights", "dev", "order", "first weights", "pooling", "frozen"]
)
def test_another_training_does_not_take_it(changed: str, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        train(training(), tmp_path, End(evaluation=2))
    other = {
        "texts": replace(TRAIN, texts=[*TRAIN.texts[:-1], "another"]),
        "truth": replace(TRAIN, truth=1 - TRAIN.truth),
        "weights": replace(TRAIN, weights=None),
    }
    watching = End()

    built = {"first weights": {"seed": 2}, "pooling": {"pooling": "max"}, "frozen": {"frozen_layers": 1}}.get(changed, {})

    fit(
        load_tiny(dropout=0.3, **built), other.get(changed, TRAIN),
        separable(7) if changed == "dev" else DEV, training(learning_rate=2e-3 if changed == "config" else 1e-3),
        TextOrder(0, 2 if changed == "order" else 1), score=lambda _: None,
        hooks=TrainingHooks(watching.progress, watching.on_evaluation, watching.should_stop), checkpoints=tmp_path,
    )  # fmt: skip

    assert watching.stages == []


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"{}", None], ids=["empty", "other", "nothing", "cut"])
def test_a_damaged_one_is_a_line_and_a_new_start(
    content: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = train(training(), None)
    with pytest.raises(Interrupted):
        train(training(), tmp_path, End(evaluation=2))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:1000] if content is None else content)
    if content == b"{}":
        torch.save({}, file)

    assert numbers(train(training(), tmp_path)) == numbers(whole)
    (line,) = caplog.messages
    assert line.startswith(f"training.checkpoint: {file} cannot be read (")
    assert "\n" not in line


def test_a_folder_that_cannot_be_written_ends_no_training(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")

    assert numbers(train(training(), tmp_path / "file")) == numbers(train(training(), None))
    (line,) = caplog.messages
    assert line.endswith("training goes on")


def test_a_pruned_training_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Pruned):
        train(training(), tmp_path, End(evaluation=2, error=Pruned))

    assert list(tmp_path.iterdir()) == []


def test_with_another_number_of_threads_it_begins_anew(tmp_path: Path) -> None:
    """They change the last digits: the numbers would be those of neither."""
    with pytest.raises(Interrupted):
        train(training(), tmp_path, End(evaluation=2))
    watching = End()

    train(training(threads=2), tmp_path, watching)

    assert watching.stages == []
    assert len(list(tmp_path.iterdir())) == 2


def test_drawing_goes_on_where_it_was(tmp_path: Path) -> None:
    """Whatever the process has drawn before."""
    whole = numbers(train(training(), None))
    with pytest.raises(Interrupted):
        train(training(), tmp_path, End(evaluation=1))
    torch.rand(5)

    assert numbers(train(training(), tmp_path)) == whole
