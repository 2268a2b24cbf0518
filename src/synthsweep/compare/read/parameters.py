"""Every key that acts on finished runs, from their `config.yaml`, or from parameters as an earlier version kept them."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.read.kept_config import config_of, read_kept, read_values
from synthsweep.config.flat import flat
from synthsweep.config.parameters import without_idle
from synthsweep.config.spelling import read_params, spelled
from synthsweep.errors import InputError
from synthsweep.track.reader import CONFIG, CONFIG_TAG, KeptRun, RunReader, cut_parameter

log = logging.getLogger(__name__)


def parameters_of_runs(runs: Sequence[KeptRun], reader: RunReader) -> list[dict[str, str]]:
    """The parameters of each run; where its `config.yaml` is gone, the extract that the store shows."""
    tagged = {run.run_id: run for run in runs if CONFIG_TAG in run.tags}
    found = dict(zip(tagged, read_kept(tagged, reader, read_values), strict=True))
    gone = [run_id for run_id, values in found.items() if values is None]
    if gone:
        log.warning("%s of %d of %d runs is gone: only some of their keys are known", CONFIG, len(gone), len(runs))
    return [read_params(run.params if (values := found.get(run.run_id)) is None else _acting(run, values)) for run in runs]


def _acting(run: KeptRun, values: dict[str, Any]) -> Mapping[str, str]:
    try:
        config, _ = config_of(values, Path(CONFIG))
    except InputError:
        # This version refuses what another one allowed: all of its keys are taken.
        acting = flat(values)
    else:
        acting = without_idle(flat(values), config, pool=config.mix.reads_pool and added_texts(run.metrics) > 0)
    # As an earlier version kept them, as parameters of the store.
    return {key: cut_parameter(spelled(key, value)) for key, value in acting.items()}
