"""What is kept of a run: its description, curves, metrics, files; and a folder for them if the store is gone."""

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from synthsweep.config.flat import flat, plain
from synthsweep.config.schema import PoolConfig, RunConfig
from synthsweep.errors import TrackingError
from synthsweep.examples import digest_examples, digest_of
from synthsweep.generate.pool import Pool
from synthsweep.pages.page import DEMO_NOTE
from synthsweep.run.prepare import TrainingData
from synthsweep.track.environment import git_tags, version_tags
from synthsweep.track.writer import DatasetRecord, PromptRecord, RunStart, Tracker

if TYPE_CHECKING:
    from synthsweep.evaluate.metrics import Scores
    from synthsweep.evaluate.predictions import Predictions
    from synthsweep.generate.llm.filler import FillStats
    from synthsweep.generate.pool_job import GenerationJob
    from synthsweep.train.curve import CurvePoint
    from synthsweep.train.fit import Fitted

log = logging.getLogger(__name__)

UNSENT = "unsent"
# The table of criteria, on the screen and on the run's page.
TABLE_METRICS = ("precision", "recall", "f1", "average_precision", "support")


@dataclass(frozen=True)
class Evaluation:
    """What a trained classifier does on dev and test; `thresholds` are (criteria,), chosen on dev."""

    fitted: "Fitted"
    predictions: "tuple[Predictions, ...]"
    thresholds: np.ndarray
    scores: "Mapping[str, Scores]"

    @property
    def metrics(self) -> dict[str, float | None]:
        """`SPLIT/METRIC/CRITERION`; None is undefined."""
        return {f"{split}/{name}": value for split, scores in self.scores.items() for name, value in scores.items()}


def run_name(config: RunConfig, data: TrainingData) -> str:
    """`augment 0.5 recorded/plain seed 1`: what tells runs apart in a list."""
    if not data.mix.synthetic:
        arm = f"{config.mix.arm} {config.mix.ratio:g}" if data.mix.added else "real_only"
        return f"{arm} seed {config.seed}"
    prompt = "" if config.llm.path else f"/{config.prompt.variant}"
    return f"{config.mix.arm} {config.mix.ratio:g} {data.llm}{prompt} seed {config.seed}"


def describe_run(config: RunConfig, data: TrainingData, tags: Mapping[str, str]) -> RunStart:
    """Everything that is known of a run before it trains; no text of the corpus."""
    known = {
        "data_digest": data.data_digest[:16],
        "mix_digest": data.mix_digest[:16],
        "seed": str(config.seed),
        "arm": config.mix.arm,
        "llm": data.llm or "none",
        **({"study": config.study} if config.study else {}),
        **git_tags(Path.cwd()),
        **version_tags(),
    }
    if config.sweep.trial is not None:
        known |= {"kind": "replicate", "trial": str(config.sweep.trial), "replicate": str(config.sweep.replicate)}
    parameters = {name: value for name, value in flat(plain(config)).items() if not name.startswith("sweep.")}
    return RunStart(
        run_name(config, data),
        parameters,
        {**known, **tags},
        _datasets(config, data),
        config.sweep.parent or "",
        prompt_record(config) if data.mix.synthetic else None,
    )


def prompt_record(config: PoolConfig) -> PromptRecord | None:
    """The prompt of a configuration; None where no LLM was asked with it."""
    if config.llm.path or config.llm.kind in {"simulator", "eda", "masked_lm"}:
        return None
    prompt = config.prompt
    messages = tuple((role, text) for role, text in (("system", prompt.system), ("user", prompt.template)) if text)
    return PromptRecord(f"synthsweep.{prompt.variant}", messages, digest_of(messages))


def _datasets(config: RunConfig, data: TrainingData) -> tuple[DatasetRecord, ...]:
    source = config.data.source
    parts = {f"{config.data.kind} {part}": (part, examples, source) for part, examples in data.corpus.split.parts.items()}
    if data.mix.synthetic:
        parts["synthetic"] = ("train", data.mix.synthetic, data.llm)
    return tuple(
        DatasetRecord(
            name=name,
            context="synthetic" if name == "synthetic" else context,
            digest=digest_examples(examples),
            source=place,
            profile={
                "examples": len(examples),
                **{label: sum(label in e.labels for e in examples) for label in data.corpus.labels.ids},
            },
        )
        for name, (context, examples, place) in parts.items()
    )


def track_job(job: "GenerationJob", stats: "FillStats", tracker: Tracker) -> None:
    """A run for what was asked of an LLM: counts, dollars and the prompt, no text."""
    config, missing = job.config, job.missing
    parameters = {
        name: value for name, value in flat(plain(config)).items() if name.startswith(("llm.", "prompt.", "generate."))
    }
    tags = {"kind": "generate", "llm": str(config.llm.model), **version_tags()}
    tracker.start(
        RunStart(f"generate {config.llm.model}/{config.prompt.variant}", parameters, tags, prompt=prompt_record(config))
    )
    tracker.log_metrics(
        {
            "synthetic/texts": missing.done,
            "cost/requests": stats.answered,
            "cost/prompt_tokens": stats.prompt_tokens,
            "cost/completion_tokens": stats.completion_tokens,
            "cost/usd": stats.usd,
            **{f"synthetic/rejected/{_word(reason)}": count for reason, count in missing.rejected.items()},
        }
    )
    tracker.finish("FINISHED")


def count_metrics(data: TrainingData, fitted: "Fitted") -> dict[str, float]:
    """What training took."""
    split = data.corpus.split
    return {
        "train/steps": fitted.steps,
        "train/best_step": fitted.best.step,
        "train/truncated": fitted.truncated,
        "train/padding_share": 1 - fitted.real_tokens / fitted.padded_tokens,
        "dev/examples": len(split.dev),
        "test/examples": len(split.test),
        **pool_costs(data.pool, sum(verdict.usd for verdict in data.curated.verdicts.values())),
    }


def pool_costs(pool: Pool, judge_usd: float = 0.0) -> dict[str, float]:
    """What the replies of a pool and their judge took; nothing where nobody was asked.

    `judge_usd` is part of `cost/usd`: the sum over verdicts, so what was paid about texts without one is in neither.
    """
    cost = pool.cost
    if not cost.prompt_tokens and not judge_usd:
        return {}
    tokens = {
        "cost/requests": cost.requests,
        "cost/prompt_tokens": cost.prompt_tokens,
        "cost/completion_tokens": cost.completion_tokens,
    }
    usd = cost.usd + judge_usd
    return {
        **(tokens if cost.prompt_tokens else {}),
        **({"cost/judge_usd": judge_usd} if judge_usd else {}),
        "cost/usd": usd,
        **({"cost/usd_per_text": usd / len(pool.examples)} if pool.examples else {}),
    }


def _word(reason: str) -> str:
    return reason.replace(" ", "_")


def curve_metrics(point: "CurvePoint") -> dict[str, float]:
    """One evaluation on dev, as a step of the curves."""
    values = {
        "curve/train_loss": point.train_loss,
        "curve/dev_loss": point.dev_loss,
        "curve/learning_rate": point.learning_rate,
    }
    return values if point.score is None else {**values, "curve/dev_average_precision": point.score}


class CurveRecorder:
    """Sends the curves on while training goes on; a store that fails costs a warning, not the training."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.failed = tracker, False

    def __call__(self, point: "CurvePoint") -> None:
        if self.failed:
            return
        try:
            self.tracker.log_metrics(curve_metrics(point), step=point.step)
        except TrackingError as error:
            self.failed = True
            log.warning("%s; training goes on, the results are kept at its end", error)


def keep(
    config: RunConfig,
    outcome: Evaluation,
    counts: Mapping[str, float],
    tracker: Tracker,
    write_more: Callable[[Path], None] = lambda folder: None,
) -> None:
    """Sends metrics and files, and finishes the run; `write_more` writes further files.

    Raises:
        TrackingError: the store took them not; the message names the folder that holds them instead.
    """
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        folder = Path(name)
        _write_files(config, outcome, counts, folder)
        write_more(folder)
        try:
            defined = {name: value for name, value in outcome.metrics.items() if value is not None}
            tracker.log_metrics({**defined, **counts}, step=0)
            tracker.log_files(folder)
            tracker.finish("FINISHED", summary=summary(config, outcome))
        except TrackingError as error:
            raise TrackingError(f"{error}; the trained run's files are kept in {_rescue(folder, config)}") from error


def summary(config: RunConfig, outcome: Evaluation) -> str:
    """The table of criteria in Markdown, for the run's page; a dash is undefined."""
    labels = outcome.predictions[0].label_ids
    rows = [
        [label, *(_cell(outcome.metrics.get(f"test/{metric}/{label}")) for metric in TABLE_METRICS)]
        for label in (*labels, "macro")
    ]
    lines = [["test", *TABLE_METRICS], ["---"] + ["---:"] * len(TABLE_METRICS), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{DEMO_NOTE}" if config.data.kind == "demo" else table


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _write_files(config: RunConfig, outcome: Evaluation, counts: Mapping[str, float], folder: Path) -> None:
    from synthsweep.evaluate.predictions import write_parquet

    (folder / "config.yaml").write_text(yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True), encoding="utf-8")
    _write_json(folder / "metrics.json", {**outcome.metrics, **counts})
    _write_json(folder / "curve.json", [vars(point) for point in outcome.fitted.curve])
    write_parquet(outcome.predictions, folder / "predictions.parquet")
    # Hundreds of runs of a sweep would draw for hours what nobody opens.
    drawn = config.sweep.trial is None if config.tracking.figures is None else config.tracking.figures
    if drawn:
        from synthsweep.evaluate.figures import write_figures

        for found in outcome.predictions:
            bins = config.evaluation.calibration_bins
            write_figures(found, outcome.scores[found.split], outcome.thresholds, folder / "figures", bins=bins)
    if config.tracking.log_model:
        from synthsweep.train.model import save_classifier

        labels = outcome.predictions[0].label_ids
        thresholds = dict(zip(labels, outcome.thresholds.tolist(), strict=True))
        card = {"thresholds": thresholds, "max_length": config.training.max_length}
        save_classifier(outcome.fitted.loaded, card, folder / "model")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


def _rescue(folder: Path, config: RunConfig) -> Path:
    place = Path(config.tracking.folder).absolute() / UNSENT
    try:
        place.mkdir(parents=True, exist_ok=True)
        kept = Path(tempfile.mkdtemp(prefix="run-", dir=place))
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    except OSError:
        # The disk that is full may be the one of mlruns/: the temporary folder is another, often.
        kept = Path(tempfile.mkdtemp(prefix="synthsweep-unsent-"))
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    return kept
