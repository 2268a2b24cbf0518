"""What is kept of a run's synthetic texts: counts, characteristics, what was dropped and why; ids, never texts."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.examples import Example
from synthsweep.run.prepare import TrainingData


def text_metrics(data: TrainingData, characteristics: Characteristics) -> dict[str, float]:
    """`synthetic/...`: what each step did to the pool, and what the texts are like that are trained on."""
    curated, mix = data.curated, data.mix
    found: dict[str, float] = {
        "train/real": len(mix.real),
        "train/synthetic": len(mix.synthetic),
        "train/added": len(mix.synthetic) + len(mix.added),
        "synthetic/pool": len(data.pool.examples),
        "synthetic/rejected": len(data.pool.rejected),
        **{f"synthetic/rejected/{reason.replace(' ', '_')}": count for reason, count in data.pool.reasons.items()},
        **{f"synthetic/{step}": count for step, count in curated.counts.items()},
        **{f"synthetic/planted/{fault}": count for fault, count in data.planted.counts.items() if count},
        **{f"synthetic/{name}": value for name, value in characteristics.pool.items()},
        **label_metrics(data),
        **(data.audited.metrics(mix.synthetic) if data.audited else {}),
    }
    if mix.residual is not None:
        found["train/label_residual"] = mix.residual
    return found


def label_metrics(data: TrainingData) -> dict[str, float]:
    """What a label check says of the texts that are trained on, with their labels as they were written; none without one.

    In [0, 1]: the mean agreement, the share of texts all of whose labels it sees, and of those in which it sees more; none of
    them where no text has a verdict. Of all that curation left, how many were labelled anew, and how many have no verdict.
    """
    if not (data.curated.verdicts or data.curated.unjudged):
        return {}
    counts = {"synthetic/relabelled": data.curated.relabelled, "synthetic/unjudged": data.curated.unjudged}
    written = {example.id: example.labels for example in data.planted.examples}
    found = [
        (data.curated.verdicts[example.id], written[example.id])
        for example in data.mix.synthetic
        if example.id in data.curated.verdicts
    ]
    if not found:
        return {**counts}
    return {
        **counts,
        "synthetic/label_agreement": float(np.mean([verdict.agreement for verdict, _ in found])),
        "synthetic/label_correctness": float(np.mean([labels <= verdict.labels for verdict, labels in found])),
        "synthetic/label_omission": float(np.mean([bool(verdict.labels - labels) for verdict, labels in found])),
    }


def write_texts(data: TrainingData, characteristics: Characteristics, folder: Path) -> None:
    """`dropped.json`: step, id, and what it repeats; `characteristics.parquet`: a row for each text that is trained on."""
    if data.curated.dropped:
        rows = [{"step": one.step, "id": one.example.id, "like": one.like} for one in data.curated.dropped]
        (folder / "dropped.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    if characteristics.texts:
        _write_table(data.mix.synthetic, characteristics.texts, folder / "characteristics.parquet")


def _write_table(examples: tuple[Example, ...], columns: Mapping[str, np.ndarray], path: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table({"id": [example.id for example in examples], **columns}), path)
