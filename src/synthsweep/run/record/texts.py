"""What is kept about the synthetic texts of a run: counts, characteristics, drops with their reasons; ids, never texts."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.examples import Example
from synthsweep.run.prepare import TrainingData


def text_metrics(prepared: TrainingData, characteristics: Characteristics) -> dict[str, float]:
    """`train/...` and `synthetic/...`: what each step did to the pool, and the characteristics of the texts that train."""
    curated, mix = prepared.curated, prepared.mix
    metrics: dict[str, float] = {
        "train/real": len(mix.real),
        "train/synthetic": len(mix.synthetic),
        "train/added": len(mix.synthetic) + len(mix.added),
        "synthetic/pool": len(prepared.pool.examples),
        "synthetic/rejected": len(prepared.pool.rejected),
        **{f"synthetic/rejected/{reason.replace(' ', '_')}": count for reason, count in prepared.pool.reasons.items()},
        **{f"synthetic/{step}": count for step, count in curated.counts.items()},
        **{f"synthetic/planted/{fault}": count for fault, count in prepared.planted.counts.items() if count},
        **{f"synthetic/{name}": value for name, value in characteristics.pool.items()},
        **label_metrics(prepared),
        **(prepared.audited.metrics(mix.synthetic) if prepared.audited else {}),
    }
    if mix.residual is not None:
        metrics["train/label_residual"] = mix.residual
    return metrics


def label_metrics(prepared: TrainingData) -> dict[str, float]:
    """What a label check says about the labels of the texts that train, as they were written; empty without a check.

    Shares in [0, 1]: the mean agreement, the share of texts all of whose labels the check sees, and the share in which it
    sees further ones; without a verdict on any of them, none of the three. Counts over all that curation kept: texts that
    were relabelled, and texts without a verdict.
    """
    if not (prepared.curated.verdicts or prepared.curated.unjudged):
        return {}
    counts: dict[str, float] = {
        "synthetic/relabelled": prepared.curated.relabelled,
        "synthetic/unjudged": prepared.curated.unjudged,
    }
    written = {example.id: example.labels for example in prepared.planted.examples}
    judged = [
        (prepared.curated.verdicts[example.id], written[example.id])
        for example in prepared.mix.synthetic
        if example.id in prepared.curated.verdicts
    ]
    if not judged:
        return counts
    return {
        **counts,
        "synthetic/label_agreement": float(np.mean([verdict.agreement for verdict, _ in judged])),
        "synthetic/label_correctness": float(np.mean([labels <= verdict.labels for verdict, labels in judged])),
        "synthetic/label_omission": float(np.mean([bool(verdict.labels - labels) for verdict, labels in judged])),
    }


def write_texts(prepared: TrainingData, characteristics: Characteristics, folder: Path) -> None:
    """`dropped.json`: step, id, and the id of what it repeats; `characteristics.parquet`: a row per text that trains."""
    if prepared.curated.dropped:
        rows = [{"step": one.step, "id": one.example.id, "like": one.like} for one in prepared.curated.dropped]
        (folder / "dropped.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    if characteristics.texts:
        _write_table(prepared.mix.synthetic, characteristics.texts, folder / "characteristics.parquet")


def _write_table(examples: tuple[Example, ...], columns: Mapping[str, np.ndarray], path: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table({"id": [example.id for example in examples], **columns}), path)
