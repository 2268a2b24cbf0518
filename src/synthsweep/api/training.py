"""Runs and sweeps, started from a script or a notebook, and the predictions of a finished run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synthsweep.api.frames import frame_of, metrics_frame
from synthsweep.api.session import Folder, Overrides, composed, multirun, words_of_call
from synthsweep.api.studies import StudyAnswer, compare, runs
from synthsweep.errors import ConfigError, StudyError
from synthsweep.pages.numbers import DASH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame

    from synthsweep.config.keys.run import TrackingConfig
    from synthsweep.evaluate.predictions import Predictions
    from synthsweep.study.queue.trial_queue import StudyTrials
    from synthsweep.track.reader import KeptRun

# How a run's scores are shown: support is a count.
SHOWN: "Mapping[str, Any]" = {
    "index": False,
    "na_rep": DASH,
    "float_format": "{:.3f}".format,
    "formatters": {"support": lambda count: DASH if count != count else f"{count:.0f}"},
}


@dataclass(frozen=True, eq=False)
class TrackedRun:
    """A finished run; `reused` means that it was finished before, and nothing was trained now.

    `metrics` has one row per split and criterion (or average), one column per metric: scores are shares in [0, 1]. `link` is
    its page in MLflow, while `synthsweep ui` runs; it is empty with tracking=none. `words` are the overrides of its tracking.
    """

    run_id: str
    name: str
    reused: bool
    metrics: "DataFrame"
    link: str
    words: tuple[str, ...]

    def predictions(self) -> "DataFrame":
        """See `synthsweep.predictions`."""
        return predictions(self)

    def __repr__(self) -> str:
        return f"{self.name}: run {self.run_id}{' (reused)' if self.reused else ''}\n{self._test().to_string(**SHOWN)}"

    def _repr_html_(self) -> str:
        from synthsweep.pages.page import rendered

        table = self._test().to_html(border=0, justify="left", **SHOWN)
        return rendered("api", "run.html.j2", {"run": self, "table": table})

    def _test(self) -> "DataFrame":
        from synthsweep.run.record.result import TABLE_METRICS

        test = self.metrics[self.metrics["split"] == "test"]
        return test[["criterion", *(name for name in TABLE_METRICS if name in test)]]


@dataclass(frozen=True, eq=False)
class SweptStudy:
    """A study whose replicates are finished; `trials` has one row per configuration.

    A trial's score is its study's objective, the mean over its replicates; `words` name its tracking store.
    """

    name: str
    trials: "DataFrame"
    words: tuple[str, ...]

    def runs(self) -> "DataFrame":
        """See `synthsweep.runs`."""
        return runs(self.name, overrides=self.words)

    def compare(self, overrides: Overrides = ()) -> StudyAnswer:
        """See `synthsweep.compare`."""
        return compare(self.name, overrides=[*self.words, *words_of_call(overrides, None)])

    def __repr__(self) -> str:
        return f"study {self.name}: {len(self.trials)} trials\n{self.trials.to_string(index=False)}"

    def _repr_html_(self) -> str:
        from synthsweep.pages.page import rendered

        table = self.trials.to_html(index=False, border=0, na_rep=DASH, float_format="{:.4g}".format, justify="left")
        return rendered("api", "study.html.j2", {"study": self, "table": table})


def run(overrides: Overrides = (), *, folder: Folder | None = None) -> TrackedRun:
    """Trains, evaluates and tracks one configuration, as `synthsweep run` does; a finished one is returned at once.

    Raises:
        InputError: the configuration, the data or the pool are not as they must be; nothing was trained.
        SynthsweepError: training or tracking failed.
    """
    words = words_of_call(overrides, folder)
    with composed("run", words) as node:
        from hydra.core.hydra_config import HydraConfig

        from synthsweep.cli.run import require_single, train
        from synthsweep.config.compose.mistakes import require_one_place
        from synthsweep.config.compose.register import frozen
        from synthsweep.config.keys.run import RunConfig
        from synthsweep.corpus.corpus import require_files

        config = frozen(node, RunConfig)
        require_one_place(HydraConfig.get().job)
        require_single(config, words)
        if key := config.dry_run_key:
            raise ConfigError(
                f"{key}=true trains nothing, so there is no run: sweep(...) with sweep.dry_run=true prints a plan"
            )
        require_files(config.data)
        result = train(config, words).result
        link = _page_of(config.tracking, result.run_id)
    return TrackedRun(result.run_id, result.name, result.reused, metrics_frame(result.metrics), link, _tracking_words(words))


def sweep(overrides: Overrides, *, folder: Folder | None = None) -> SweptStudy:
    """Runs what is left of a study, as `synthsweep run -m` does: `sweep("sweeps=ci")`, `sweep(["mix.ratio=0,1", "seed=1,2"])`.

    Workers are processes of their own; a script needs no `if __name__ == "__main__"` for them. Ctrl-C, or the kernel's
    interrupt, ends the study after the replicates that are running; the same call goes on. With `sweep.dry_run=true` it prints
    what would run, and returns a study without trials.

    Raises:
        InputError: the study is not described as it must be; nothing was started.
        SweepFailed: some replicates failed; the others are kept.
        Interrupted: it was interrupted; what is finished is kept.
    """
    words = words_of_call(overrides, folder)
    swept = multirun(words)
    return SweptStudy(swept.name, _trials_frame(swept), _tracking_words(words))


def predictions(run: str | TrackedRun, *, overrides: Overrides = (), folder: Folder | None = None) -> "DataFrame":
    """The predictions of a run on dev and every test set: one row per text, by its id; no text.

    Per criterion: `truth/A1` (0 or 1; missing where nobody decided), `probability/A1` in [0, 1], and `predicted/A1` (0 or 1),
    at the run's threshold. Where each text carries exactly one label, the most probable one is predicted. `subgroup/COLUMN` is
    the value of a column of `data.subgroup`.

    Raises:
        StudyError: there is no such run, or its predictions are gone.
        TrackingError: the store does not answer.
    """
    run_id, words = (run.run_id, run.words) if isinstance(run, TrackedRun) else (run, ())
    with composed("compare", [*words, *words_of_call(overrides, folder)]) as node:
        from synthsweep.config.compose.register import frozen
        from synthsweep.config.roots import CompareConfig
        from synthsweep.evaluate.predictions import read_parquet
        from synthsweep.track.choose import existing_reader
        from synthsweep.track.reader import PREDICTIONS

        reader = existing_reader(frozen(node, CompareConfig).tracking)
        # The id becomes a part of a search rule.
        kept = next(iter(reader.runs_with_ids([run_id])), None) if run_id.isalnum() else None
        if kept is None:
            raise StudyError(f"run={run_id}: there is no such run; synthsweep.runs(study) lists the ids of a study's runs")
        path = reader.file_of(kept.trained_id, PREDICTIONS)
        if path is None:
            raise StudyError(f"run={run_id}: its file {PREDICTIONS} is missing: give it back, or train the run again")
        return _predictions_frame(read_parquet(path), kept)


def _predictions_frame(splits: "Mapping[str, Predictions]", kept: "KeptRun") -> "DataFrame":
    import numpy as np
    import pandas as pd

    from synthsweep.evaluate.predictions import SUBGROUP

    frames = []
    for split, found in splits.items():
        columns = {"split": [split] * len(found.ids), "id": list(found.ids), "group": list(found.groups)}
        thresholds = [kept.metrics.get(f"test/threshold/{label}") for label in found.label_ids]
        decided = found.decided(np.array([np.nan if one is None else one for one in thresholds]))
        for place, label in enumerate(found.label_ids):
            truth, known = found.truth[:, place], found.known[:, place]
            columns[f"truth/{label}"] = truth if known.all() else pd.Series(truth, dtype="Int64").where(known)
            columns[f"probability/{label}"] = found.probabilities[:, place]
            if found.kind == "single" or thresholds[place] is not None:
                columns[f"predicted/{label}"] = decided[:, place].astype(int)
        columns |= {f"{SUBGROUP}{column}": list(values) for column, values in found.subgroups.items()}
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _trials_frame(swept: "StudyTrials") -> "DataFrame":
    factors = list(dict.fromkeys(key for trial in swept.trials for key in trial.assignment))
    rows = [
        {
            "trial": trial.number,
            "state": trial.state,
            "replicates": len(trial.outcomes),
            **trial.assignment,
            **dict(zip(swept.objectives, trial.values or (), strict=False)),
        }
        for trial in swept.trials
    ]
    return frame_of(rows, ["trial", "state", "replicates", *factors, *swept.objectives])


def _tracking_words(words: list[str]) -> tuple[str, ...]:
    from synthsweep.config.commands import of_section

    return tuple(of_section("tracking", words))


def _page_of(tracking: "TrackingConfig", run_id: str) -> str:
    if tracking.kind == "none":
        return ""
    from synthsweep.track.mlflow.run_page import run_page

    return run_page(tracking, run_id)
