"""Planted label noise: which label check finds it, and what it does to a classifier.

    python tests/benchmarks/label_noise.py [GOEMOTIONS] [--seeds 3] [--confidence 0.5] [--train] [KEY=VALUE ...]

Of the recorded demo pools, and of the attributed pool in the folder GOEMOTIONS, a share of the texts gets a label exchanged. A
check doubts a text if it does not see all of its labels: printed are the precision and recall of these doubts, their number,
and the area under the ROC curve of the agreement. JUDGE_URL, a server on OpenAI's protocol, adds the judge (JUDGE_MODEL there).
`--train` instead trains MiniLM, its lower layers frozen, on 200 demo texts with synthetic ones as they are, spoiled, and
spoiled and checked; KEY=VALUE changes those runs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.builders import run_config
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.synthetic import PlantConfig
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.curate.label_checks.classifier import ClassifierChecker
from synthsweep.curate.label_checks.confident import ConfidentChecker
from synthsweep.curate.plant import Planted, plant
from synthsweep.examples import Example
from synthsweep.generate.judge import Judge
from synthsweep.generate.open_completer import open_completer
from synthsweep.generate.pool import fill_pool
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.label_checker import LabelChecker
from synthsweep.progress import silent
from synthsweep.run.characterize import open_embedder

SHARES = (0.0, 0.1, 0.2, 0.4)
TRAINED_SHARE = 0.4
ARMS = {
    "real only": ["mix=real_only"],
    "pool as it is": [],
    "noise": [f"plant.label_noise={TRAINED_SHARE}"],
    "noise, classifier": [f"plant.label_noise={TRAINED_SHARE}", "curation.label_check=classifier"],
    "noise, confident": [f"plant.label_noise={TRAINED_SHARE}", "curation.label_check=confident"],
}
QUICK = [
    "data.train_size=200", "data.dev_size=150", "data.test_size=300", "mix.ratio=1", "model.frozen_layers=5",
    "training.epochs=12", "training.max_length=64", "training.learning_rate=1e-3",
]  # fmt: skip
# Found by a check, of one plan of noise: precision, recall, doubts, area under the ROC curve of agreement.
Row = tuple[float, float, float, float]


def sources(goemotions: Path | None) -> dict[str, list[list[str]]]:
    """Overrides a corpus; each list is one pool."""
    found = {"demo": [["prompt=plain"], ["prompt=attributed"]]}
    if goemotions:
        files = [f"data.files.{part}={goemotions / f'{part}.csv'}" for part in ("train", "dev", "test")]
        pool = [
            "data=csv",
            "labels=from_data",
            *files,
            "data.train_size=400",
            f"llm.path={goemotions / 'pool_attributed.jsonl'}",
        ]
        found["goemotions"] = [pool]
    return found


def read(pools: list[list[str]]) -> tuple[RunConfig, Corpus, list[Example]]:
    """The configuration of the first pool, the corpus, and the texts of all pools."""
    examples: list[Example] = []
    for overrides in pools:
        config = run_config(*overrides)
        corpus = load_corpus(config.labels, config.data, subset_seed=1)
        prompt_plan = PromptPlan(config.prompt, corpus.labels)
        examples += fill_pool(config, prompt_plan, open_completer(config, prompt_plan, corpus.split.train, silent)).examples
    return run_config(*pools[0], "tracking=none"), corpus, examples


def checks(config: RunConfig, corpus: Corpus, pool: list[Example], confidence: float) -> Iterator[tuple[str, LabelChecker]]:
    """Every check by name; a text's vector is computed once."""
    train, labels = corpus.split.train, corpus.labels
    embed = remembered(open_embedder(config).embed, [example.text for example in (*train, *pool)])
    yield "classifier, TF-IDF", ClassifierChecker(train, labels.ids, confidence)
    yield "classifier, MiniLM", ClassifierChecker(train, labels.ids, confidence, embed)
    yield "confident, TF-IDF", ConfidentChecker(train, labels.ids)
    yield "confident, MiniLM", ConfidentChecker(train, labels.ids, embed)
    if url := os.environ.get("JUDGE_URL"):
        model = os.environ.get("JUDGE_MODEL", "judge")
        asked = run_config("llm@judge=vllm", f"judge.model={model}", f"judge.base_url={url}", "curation=judged")
        yield "judge", Judge(asked, labels, silent)


def remembered(embed: Callable[[Sequence[str]], np.ndarray], texts: list[str]) -> Callable[[Sequence[str]], np.ndarray]:
    vectors = dict(zip(texts, embed(texts), strict=True))
    return lambda some: np.array([vectors[text] for text in some])


def found_by(checker: LabelChecker, planted: Planted) -> Row:
    """What a check makes of a pool; nan is undefined."""
    from sklearn.metrics import roc_auc_score

    verdicts = checker.check(planted.examples)
    pairs = list(zip(planted.examples, verdicts, strict=True))
    doubted = np.array([verdict is not None and not example.labels <= verdict.labels for example, verdict in pairs])
    wrong = np.array([example.id in planted.faults for example in planted.examples])
    doubt = [-verdict.agreement if verdict else 0.0 for verdict in verdicts]
    hits, several = float((doubted & wrong).sum()), len(set(wrong.tolist())) > 1
    precision = hits / doubted.sum() if doubted.any() else float("nan")
    recall = hits / wrong.sum() if wrong.any() else float("nan")
    return precision, recall, float(doubted.sum()), float(roc_auc_score(wrong, doubt)) if several else float("nan")


def show_checks(goemotions: Path | None, seeds: int, confidence: float) -> None:
    """The table: means over the seeds of the noise."""
    print(f"{'pool':<12}{'check':<22}{'noise':>6}{'precision':>11}{'recall':>8}{'doubted':>9}{'of':>6}{'AUC':>7}{'seconds':>9}")
    for name, pools in sources(goemotions).items():
        config, corpus, pool = read(pools)
        for check, checker in checks(config, corpus, pool, confidence):
            for share in SHARES:
                began = time.monotonic()
                plants = [plant(pool, PlantConfig(label_noise=share), corpus.labels.ids, seed=s) for s in range(1, seeds + 1)]
                precision, recall, doubted, area = np.mean([found_by(checker, one) for one in plants], axis=0)
                on_reply = (time.monotonic() - began) / seeds
                print(
                    f"{name:<12}{check:<22}{share:>6.0%}{precision:>11.2f}{recall:>8.2f}{doubted:>9.0f}{len(pool):>6}"
                    f"{area:>7.2f}{on_reply:>9.1f}",
                    flush=True,
                )


def train(folder: Path, arm: str, seeds: int, more: list[str]) -> list[float]:
    """Macro average precision on test of one arm's runs, a value a seed."""
    from mlflow.tracking import MlflowClient

    from synthsweep.track.mlflow.local_store import database_uri, quiet_mlflow

    study, numbers = arm.replace(", ", "-").replace(" ", "-"), ",".join(str(seed) for seed in range(1, seeds + 1))
    command = [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", f"seed={numbers}", f"study={study}"]
    subprocess.run([*command, f"tracking.folder={folder}", *QUICK, *ARMS[arm], *more], check=True, stdout=subprocess.DEVNULL)
    quiet_mlflow()
    client = MlflowClient(tracking_uri=database_uri(folder))
    experiments = [found.experiment_id for found in client.search_experiments()]
    runs = client.search_runs(experiments, f"attributes.status = 'FINISHED' and tags.study = '{study}'")
    metrics = (run.data.metrics for run in runs)
    return [one["test/average_precision/macro"] for one in metrics if "test/average_precision/macro" in one]


def show_training(seeds: int, more: list[str]) -> None:
    """The table: macro average precision of each arm."""
    print(f"{'arm':<22}{'macro AP':>10}{'sd':>8}{'runs':>6}{'seconds':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for arm in ARMS:
            began = time.monotonic()
            values = train(Path(folder), arm, seeds, more)
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            on_reply = time.monotonic() - began
            print(f"{arm:<22}{statistics.mean(values):>10.3f}{spread:>8.3f}{len(values):>6}{on_reply:>9.0f}", flush=True)


def main() -> None:
    """Prints one of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("goemotions", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--confidence", type=float, default=0.5)
    parser.add_argument("--train", action="store_true")
    given, more = parser.parse_known_args()
    if given.goemotions and "=" in str(given.goemotions):
        # Without a folder the first KEY=VALUE stands in its place.
        given.goemotions, more = None, [str(given.goemotions), *more]
    if given.train:
        show_training(given.seeds, more)
    else:
        show_checks(given.goemotions and given.goemotions.absolute(), given.seeds, given.confidence)


if __name__ == "__main__":
    main()
