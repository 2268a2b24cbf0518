"""Every key that acts on finished runs, from their `config.yaml`, or from parameters as an earlier version kept them."""

import logging
from collections.abc import Sequence

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.read.kept_config import KeptConfig, KeptConfigs
from synthsweep.config.parameters import without_idle
from synthsweep.config.spelling import read_params, with_one_dose
from synthsweep.errors import InputError
from synthsweep.track.reader import CONFIG, CONFIG_TAG, KeptRun

log = logging.getLogger(__name__)


def parameters_of_runs(runs: Sequence[KeptRun], configs: KeptConfigs) -> list[dict[str, str]]:
    """The parameters of each run; where its `config.yaml` is gone, the extract that the store shows."""
    tagged = [run.run_id for run in runs if CONFIG_TAG in run.tags]
    found = dict(zip(tagged, configs.each(tagged), strict=True))
    gone = [run_id for run_id, kept in found.items() if kept is None]
    if gone:
        log.warning("%s of %d of %d runs is gone: only some of their keys are known", CONFIG, len(gone), len(runs))
    return [
        read_params(run.params) if (kept := found.get(run.run_id)) is None else with_one_dose(_acting(run, kept))
        for run in runs
    ]


def _acting(run: KeptRun, kept: KeptConfig) -> dict[str, str]:
    try:
        config = kept.config
    except InputError:
        # This version refuses what another one allowed: all of its keys are taken.
        return kept.parameters
    return without_idle(kept.parameters, config, pool=config.mix.reads_pool and added_texts(run.metrics) > 0)
