"""Real texts, real labels, real LLM pools: is the baseline worth beating, and what do two pools add to it?

    python tests/benchmarks/goemotions.py DATA [--seeds 3] [--epochs 24] [--folder mlruns]

DATA holds train.csv, dev.csv, test.csv (GoEmotions in the Ekman grouping, one 0/1 column a label) and pool_*.jsonl.
Each arm is a multirun of `synthsweep run` over the seeds, at equal epochs and at equal steps. Beside them stand, on the
same texts, TF-IDF with logistic regression and a plain PyTorch loop of the same number of steps.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SIZES = ["data.train_size=400", "data.dev_size=500", "data.test_size=1500"]
STUDIES = {"equal epochs": "goemotions-epochs", "equal steps": "goemotions-steps"}
METRICS = ("average_precision", "precision", "recall", "f1")


def overrides(data: Path, epochs: int) -> list[str]:
    """What every arm shares."""
    files = [f"data.files.{part}={data / f'{part}.csv'}" for part in ("train", "dev", "test")]
    return ["data=csv", "labels=from_data", *files, *SIZES, f"training.epochs={epochs}", "training.max_length=64"]


def arms(data: Path, ratio: float) -> dict[str, list[str]]:
    """The baseline, and a pool each."""
    pools = {path.stem: path for path in sorted(data.glob("pool_*.jsonl"))}
    augmented = {
        name: ["mix=augment", f"mix.ratio={ratio:g}", "llm=recorded", f"llm.path={path}"] for name, path in pools.items()
    }
    return {"real_only": ["mix=real_only"], **augmented}


def sweep(shared: list[str], arm: list[str], study: str, seeds: range, folder: Path, *extra: str) -> None:
    """One arm over the seeds: `synthsweep run -m seed=1,2,3 ...`."""
    numbers = ",".join(str(seed) for seed in seeds)
    command = [
        sys.executable, "-m", "synthsweep.cli.main", "run", "-m", f"seed={numbers}", f"study={study}",
        f"tracking.folder={folder}", *shared, *arm, *extra,
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def kept(folder: Path) -> list[dict[str, object]]:
    """Every finished run of the two studies: its study, arm, seed and metrics."""
    from mlflow.tracking import MlflowClient

    from synthsweep.track.mlflow.local_store import database_uri, quiet_mlflow

    quiet_mlflow()
    client = MlflowClient(tracking_uri=database_uri(folder))
    experiments = [found.experiment_id for found in client.search_experiments()]
    runs = client.search_runs(experiments, "attributes.status = 'FINISHED'", max_results=1000)
    return [
        {"study": run.data.tags.get("study"), "arm": run.data.tags["llm"].replace("none", "real_only"), **run.data.metrics}
        for run in runs
    ]


def rows_of(config_overrides: list[str], seed: int):  # type: ignore[no-untyped-def]
    """The very texts that a run with this seed trains and is judged on."""
    from hydra import compose, initialize_config_dir

    from synthsweep.config.compose.folders import shipped
    from synthsweep.config.compose.register import frozen, register_roots
    from synthsweep.config.keys.run import RunConfig
    from synthsweep.run.prepare import prepare

    register_roots()
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        config = frozen(compose("run", [*config_overrides, "mix=real_only", f"seed={seed}"]), RunConfig)
    return config, prepare(config)


def macro_ap(truth: np.ndarray, scores: np.ndarray) -> float:
    """Scikit-learn's macro average precision."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, scores, average="macro"))


def tfidf(train, truth, test, test_truth) -> float:  # type: ignore[no-untyped-def]
    """TF-IDF with a logistic regression a label, at scikit-learn's defaults but for balanced classes."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    logistic = LogisticRegression(max_iter=1000, class_weight="balanced")
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), OneVsRestClassifier(logistic))
    return macro_ap(test_truth, model.fit(train, truth).predict_proba(test))


def plain_loop(config, train, truth, test, test_truth, seed: int) -> float:  # type: ignore[no-untyped-def]
    """Fine-tuning as a tutorial writes it: random batches, AdamW, linear decay, the last weights."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

    from synthsweep.pretrained import resolve_path

    torch.manual_seed(seed)
    path, t = resolve_path(config.model.name_or_path), config.training
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForSequenceClassification.from_pretrained(path, num_labels=truth.shape[1])
    steps = -(-len(train) // t.batch_size) * t.epochs
    optimizer = torch.optim.AdamW(model.parameters(), lr=t.learning_rate, weight_decay=t.weight_decay)
    schedule = get_linear_schedule_with_warmup(optimizer, int(t.warmup_ratio * steps), steps)
    loader = torch.utils.data.DataLoader(range(len(train)), t.batch_size, shuffle=True)
    encode = {"padding": True, "truncation": True, "max_length": t.max_length, "return_tensors": "pt"}
    for _ in range(t.epochs):
        for batch in loader:
            logits = model.train()(**tokenizer([train[i] for i in batch], **encode)).logits
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(truth[batch.numpy()]).float())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), t.max_grad_norm)
            optimizer.step(), schedule.step(), optimizer.zero_grad()
    with torch.inference_mode():
        found = [model.eval()(**tokenizer(test[i : i + 64], **encode)).logits for i in range(0, len(test), 64)]
    return macro_ap(test_truth, torch.cat(found).sigmoid().numpy())


def yardsticks(shared: list[str], seeds: range) -> dict[str, list[float]]:
    """Macro average precision on test of the two baselines, a value a seed."""
    from synthsweep.examples import label_matrix

    found: dict[str, list[float]] = {"TF-IDF + logistic regression": [], "plain PyTorch loop": []}
    for seed in seeds:
        config, data = rows_of(shared, seed)
        split, labels = data.corpus.split, data.corpus.labels.ids
        train, test = [e.text for e in split.train], [e.text for e in split.test]
        truth, test_truth = (np.array(label_matrix(part, labels)) for part in (split.train, split.test))
        found["TF-IDF + logistic regression"].append(tfidf(train, truth, test, test_truth))
        found["plain PyTorch loop"].append(plain_loop(config, train, truth, test, test_truth, seed))
    return found


def spread(values: list[float]) -> str:
    """Mean and standard deviation over seeds."""
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values) if len(values) > 1 else 0:.3f}"


def show(runs: list[dict[str, object]], baselines: dict[str, list[float]]) -> None:
    """The table: macro averages on test, mean and standard deviation over the seeds."""
    print(f"{'arm':<44}" + "".join(f"{metric:>20}" for metric in METRICS))
    for title, study in STUDIES.items():
        for arm in sorted({str(run["arm"]) for run in runs if run["study"] == study}, reverse=True):
            mine = [run for run in runs if (run["study"], run["arm"]) == (study, arm)]
            cells = (spread([float(run[f"test/{metric}/macro"]) for run in mine]) for metric in METRICS)
            print(f"{f'{arm}, {title} (n={len(mine)})':<44}" + "".join(f"{cell:>20}" for cell in cells))
    for name, values in baselines.items():
        print(f"{f'{name} (n={len(values)})':<44}{spread(values):>20}")


def main() -> None:
    """Runs what is not there yet (finished runs are reused) and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--ratio", type=float, default=0.5)
    parser.add_argument("--folder", type=Path, default=Path("mlruns"))
    given = parser.parse_args()
    shared, seeds = overrides(given.data.absolute(), given.epochs), range(1, given.seeds + 1)
    began = time.monotonic()
    for name, arm in arms(given.data.absolute(), given.ratio).items():
        print(f"{time.monotonic() - began:7.0f} s  {name}", file=sys.stderr)
        sweep(shared, arm, STUDIES["equal epochs"], seeds, given.folder)
        sweep(shared, arm, STUDIES["equal steps"], seeds, given.folder, "training.match_steps=true")
    show(kept(given.folder), yardsticks(shared, seeds))


if __name__ == "__main__":
    main()
