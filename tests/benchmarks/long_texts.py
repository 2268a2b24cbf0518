"""What windows cost: on texts that all fit, where the ratio to cutting should be 1, and per window on texts that do not.

    python tests/benchmarks/long_texts.py [--texts 96] [--epochs 2] [--repeats 3]

MiniLM learns texts of 20 to 60 words, with training.windows=none and mean in turn; ratios are medians over repeats, of the
seconds of the process (CPU time). Then it learns four times as long ones in windows, and the peak of memory is printed.
"""

import argparse
import os
import random
import resource
import statistics
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np

from synthsweep.config.keys.training import ModelConfig, TrainingConfig
from synthsweep.train.encoder.model import load
from synthsweep.train.fit import TextOrder, Texts, fit

WORDS = ("he", "went", "home", "and", "then", "the", "day", "was", "over", "again")
LIMIT = 64
# Above it, texts that fit pay for windows that they do not need.
MOST = 1.05


def texts_of(count: int, times: int) -> Texts:
    rng = random.Random(1)
    texts = [" ".join(rng.choice(WORDS) for _ in range(times * rng.randrange(20, 61))) for _ in range(count)]
    return Texts(texts, np.eye(2, dtype=int)[[index % 2 for index in range(count)]])


def seconds(windows: str, texts: Texts, epochs: int) -> float:
    config = TrainingConfig(
        windows=windows, max_length=LIMIT, epochs=epochs, threads=1, device="cpu", precision="fp32", patience=0
    )
    loaded = load(ModelConfig(), ("A", "B"), dropout=None, max_length=LIMIT, seed=1)
    dev = Texts(texts.texts[:16], texts.truth[:16])
    began = time.process_time()
    fit(loaded, texts, dev, config, TextOrder(len(texts.texts), 1), score=lambda _: None)
    return time.process_time() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("texts", 96), ("epochs", 2), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    fitting = texts_of(given.texts, 1)
    seconds("none", fitting, 1)
    pairs = [[seconds(how, fitting, given.epochs) for how in ("none", "mean")] for _ in range(given.repeats)]
    ratio = statistics.median(windows / none for none, windows in pairs)
    print(f"texts that fit: none {statistics.median(none for none, _ in pairs):.1f} s, windows {ratio:.3f} times as long")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    long = seconds("mean", texts_of(given.texts // 4, 4), given.epochs)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"a quarter of the texts, four times as long, in windows: {long:.1f} s, {(after - before) / 1024:.0f} MiB more memory"
    )
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
