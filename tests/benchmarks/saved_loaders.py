"""How far the probabilities of a saved classifier lie apart, by whoever loads it: as recorded, and by four loaders.

    python tests/benchmarks/saved_loaders.py --texts 1000

For each pooling, for frozen layers, for windows, for one label per text and for baselines, it trains the smallest classifier,
and prints the largest difference to the recorded probabilities over all test texts. `--serve` counts the settings that an
HTTP server is started for.
"""

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import synthsweep
from support.ports import free_port
from synthsweep.config.keys.predict import NewTextsConfig, PredictConfig
from synthsweep.predict.predict import predict_texts
from synthsweep.progress import silent

LABELS = ("A", "B", "C")
WORDS = "he lines up cars covers ears at noise no eye contact again and the same route with a red lamp by day".split()
USUAL = (
    "mix=real_only", "training.epochs=1", "training.batch_size=64", "training.learning_rate=0.01",
    "training.max_length=64", "training.precision=fp32", "tracking.log_model=true", "tracking.figures=false",
    "data=csv", "data.files.train=train.csv", "data.files.dev=dev.csv", "data.files.test=test.csv", "data.id=id",
    "characteristics=none", "labels=from_data",
)  # fmt: skip
MULTI = ("labels.ids=[A,B,C]",)
SINGLE = "one label per text"
SETTINGS = {
    "native": (*MULTI, "model.pooling=native"),
    "cls": (*MULTI, "model.pooling=cls"),
    "mean": (*MULTI, "model.pooling=mean"),
    "max": (*MULTI, "model.pooling=max"),
    "mean, 1 layer frozen": (*MULTI, "model.frozen_layers=1"),
    "mean, windows": (*MULTI, "training.windows=mean", "training.max_length=16"),
    SINGLE: (*MULTI, "labels.kind=single"),
    "tfidf": (*MULTI, "model=tfidf"),
    "embeddings": (*MULTI, "model=embeddings"),
}


def write_corpus(texts: int, *, single: bool) -> None:
    """Texts of 3 to 40 words; a label for each of three words, or one label each."""
    rng, number = random.Random(1), 0
    for part, count in (("train", 200), ("dev", 100), ("test", texts)):
        with Path(f"{part}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "text", *LABELS])
            for _ in range(count):
                words = rng.choices(WORDS, k=rng.randint(3, 40))
                truth = [int(word in words) for word in ("cars", "noise", "lamp")]
                if single:
                    truth = [int(place == number % 3) for place in range(3)]
                rows.writerow([f"t{number}", " ".join([*words, str(number)]), *truth])
                number += 1


def recorded(folder: Path) -> np.ndarray:
    table = pd.read_parquet(folder.parent / "predictions.parquet")
    return table[table["split"] == "test"].set_index("id")[[f"probability/{label}" for label in LABELS]].to_numpy()


def plain(folder: Path, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities by transformers alone, and which texts its tokenizer did not cut."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    network = AutoModelForSequenceClassification.from_pretrained(folder, trust_remote_code=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    logits = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            tokens = tokenizer(texts[start : start + 64], padding=True, truncation=True, return_tensors="pt")
            logits.append(network(**tokens).logits.double())
    joined = torch.cat(logits)
    whole = [len(ids) <= tokenizer.model_max_length for ids in tokenizer(texts, verbose=False)["input_ids"]]
    single = network.config.problem_type == "single_label_classification"
    return (joined.softmax(-1) if single else joined.sigmoid()).numpy(), np.array(whole)


def by_pyfunc(folder: Path, texts: list[str]) -> np.ndarray:
    import mlflow

    return columns(mlflow.pyfunc.load_model(str(folder)).predict(pd.DataFrame({"text": texts})))


def columns(table: pd.DataFrame) -> np.ndarray:
    return table[[f"probability/{label}" for label in LABELS]].to_numpy(dtype=float)


@contextmanager
def served(folder: Path) -> Iterator[Callable[[list[str]], np.ndarray]]:
    """MLflow's own server on loopback, until the block ends."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder), "--env-manager", "local", "-p", str(port)]
    # MLflow starts uvicorn by its name.
    places = {**os.environ, "PATH": os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])}
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, env=places, stdout=nowhere, stderr=nowhere, start_new_session=True)

    def ask(texts: list[str]) -> np.ndarray:
        body = json.dumps({"dataframe_split": {"columns": ["text"], "data": [[text] for text in texts]}}).encode()
        request = urllib.request.Request(f"{address}/invocations", body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=300) as reply:  # noqa: S310
            return columns(pd.DataFrame(json.load(reply)["predictions"]))

    try:
        wait_for(f"{address}/ping", process)
        yield ask
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    began = time.monotonic()
    while time.monotonic() - began < 300:
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310
            return
        except (OSError, ValueError):
            time.sleep(0.5)
    raise TimeoutError(address)


def by_predict(folder: Path) -> np.ndarray:
    texts = NewTextsConfig(path="test.csv", id="id")
    predict_texts(PredictConfig(run=str(folder), out="labels.parquet", force=True, data=texts), silent)
    return columns(pd.read_parquet("labels.parquet"))


def differences(folder: Path, texts: list[str], *, serve: bool) -> dict[str, str]:
    truth = recorded(folder)

    def far(found: np.ndarray, rows: Any = slice(None)) -> str:
        return f"{np.abs(found[rows] - truth[rows]).max():.1e}"

    def by_transformers() -> str:
        try:
            own, whole = plain(folder, texts)
        except (OSError, ValueError):
            return "refused"
        return far(own, whole) + ("" if whole.all() else f" (of the {whole.sum()} texts that it reads whole)")

    row = {"transformers": by_transformers(), "pyfunc": far(by_pyfunc(folder, texts)), "predict": far(by_predict(folder))}
    if serve:
        with served(folder) as ask:
            row["models serve"] = far(ask(texts))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--serve", type=int, default=len(SETTINGS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        for number, (name, overrides) in enumerate(SETTINGS.items()):
            write_corpus(given.texts, single=name == SINGLE)
            texts = pd.read_csv("test.csv")["text"].tolist()
            baseline = any(one.startswith("model=") for one in overrides)
            run = synthsweep.run([*USUAL, *([] if baseline else ["model=tiny"]), *overrides])
            (folder,) = Path("mlruns/artifacts").glob(f"**/{run.run_id}/artifacts/model")
            found = differences(folder, texts, serve=number < given.serve)
            print(f"{name}: {'; '.join(f'{loader} {far}' for loader, far in found.items())}", flush=True)


if __name__ == "__main__":
    main()
