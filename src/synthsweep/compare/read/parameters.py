"""Every key that acts on finished runs, from their `config.yaml`, or from parameters as an earlier version kept them."""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.read.kept_config import config_of, read_values
from synthsweep.config.flat import flat
from synthsweep.config.parameters import without_idle
from synthsweep.config.spelling import read_params, spelled
from synthsweep.errors import InputError
from synthsweep.track.reader import CONFIG, CONFIG_TAG, KeptRun, RunReader, cut_parameter

log = logging.getLogger(__name__)

# Reading from a server is mostly waiting, so several files are read at once.
READERS = 8


def parameters_of_runs(runs: Sequence[KeptRun], reader: RunReader) -> list[dict[str, str]]:
    """The parameters of each run; where its `config.yaml` is gone, the extract that the store shows."""
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name, ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(lambda run: _parameters(run, reader, Path(name)), runs))
    gone = [run for run, params in zip(runs, found, strict=True) if params is None]
    if gone:
        log.warning("%s of %d of %d runs is gone: only some of their keys are known", CONFIG, len(gone), len(runs))
    return [read_params(run.params if params is None else params) for run, params in zip(runs, found, strict=True)]


def _parameters(run: KeptRun, reader: RunReader, folder: Path) -> Mapping[str, str] | None:
    if CONFIG_TAG not in run.tags:
        return run.params
    path = reader.copy_file(run.run_id, CONFIG, folder)
    if path is None:
        return None
    values = read_values(path)
    try:
        config, _ = config_of(values, path)
    except InputError:
        # This version refuses what another one allowed: all of its keys are taken.
        acting = flat(values)
    else:
        acting = without_idle(flat(values), config, pool=config.mix.reads_pool and added_texts(run.metrics) > 0)
    # As an earlier version kept them, as parameters of the store.
    return {key: cut_parameter(spelled(key, value)) for key, value in acting.items()}
