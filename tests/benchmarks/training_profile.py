"""Where a training step and an evaluation spend their time, operation by operation, beside the arithmetic of their matrices.

    python tests/benchmarks/training_profile.py [--model minilm] [--precision fp32] [--tokens 19] [--repeats 12]

One thread trains on one batch of 16 texts again and again, and evaluates 64. `minilm` is the encoder that ships, `bert_base`
has the shape of BERT-base and random weights. All texts have about `--tokens` tokens, as in a batch of similar length. Each
call of an operation counts with the least time that it took in any repeat, since other programs can only add to it; the time
without the profiler is the least of all repeats, too. The floor is the multiplications and additions of the encoder's
matrices at the best rate that the same process reached with one product, just before and after.
"""

import argparse
import os
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch
from sweep_floor import FLOPS_FORWARD, FLOPS_TRAINED
from torch.profiler import ProfilerActivity, profile

from synthsweep.config.keys.training import ModelConfig, TrainingConfig
from synthsweep.train.encoder.model import load
from synthsweep.train.fit import Fitted, TextOrder, Texts, fit
from synthsweep.train.hooks import TrainingHooks

LABELS = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
BERT_BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
SIZES: dict[str, dict[str, int]] = {"minilm": {}, "bert_base": BERT_BASE}
TRAINED, EVALUATED = 16, 64
# Operations below this share of the whole are counted together.
LEAST_SHARE = 0.01
# Steps before the first that counts: memory is taken, and kernels are chosen.
WARM_UP = 3
Calls = list[tuple[str, float]]


@dataclass(frozen=True)
class Operation:
    calls: int
    seconds: float


def texts_of(count: int, tokens: int) -> Texts:
    """Words of one token each, so that a text has `tokens` of them with those at its ends, give or take one."""
    words = ("boy", "house", "water", "light", "table", "green", "river", "night", "music", "paper")
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(words, tokens - 2 + rng.integers(-1, 2))) for _ in range(count)]
    return Texts(texts, rng.integers(0, 2, (count, len(LABELS))))


def calls_of(profiled: profile) -> Calls:
    """Operations in the order in which they began, with the seconds that no operation within them took."""
    events = sorted(profiled.events(), key=lambda event: (event.time_range.start, -event.time_range.end))
    return [(event.name, event.self_cpu_time_total / 1e6) for event in events]


def least(runs: Sequence[Calls]) -> dict[str, Operation]:
    """By name, the calls that most repeats made, each with the least time of all that made the same ones."""
    usual = Counter(tuple(name for name, _ in run) for run in runs).most_common(1)[0][0]
    alike = [run for run in runs if tuple(name for name, _ in run) == usual]
    times: dict[str, list[float]] = defaultdict(list)
    for same in zip(*alike, strict=True):
        times[same[0][0]].append(min(seconds for _, seconds in same))
    return {name: Operation(len(found), sum(found)) for name, found in times.items()}


@dataclass
class Watch:
    """Measures whatever happens between two calls: first the CPU seconds alone, then with the profiler."""

    repeats: int
    seconds: list[float] = field(default_factory=list)
    runs: list[Calls] = field(default_factory=list)
    calls: int = 0
    began: float = 0.0
    profiled: profile | None = None

    def __call__(self) -> bool:
        """Takes the place of the question whether training should stop, which is asked after each step."""
        past = self.calls - WARM_UP
        if 0 < past <= self.repeats:
            self.seconds.append(time.process_time() - self.began)
        if self.profiled is not None:
            self.profiled.__exit__(None, None, None)
            self.runs.append(calls_of(self.profiled))
            self.profiled = None
        if self.repeats <= past < 2 * self.repeats:
            self.profiled = profile(activities=[ProfilerActivity.CPU])
            self.profiled.__enter__()
        self.calls, self.began = self.calls + 1, time.process_time()
        return False


def product_rate() -> float:
    """FLOP/s of one matrix product at its best: the feed-forward layers of a batch, or a square one."""
    found = []
    for rows, inner, columns in ((320, 384, 1536), (320, 768, 3072), (1024, 1024, 1024)):
        left, right = torch.rand(rows, inner), torch.rand(inner, columns)
        for _ in range(100):
            began = time.process_time()
            left @ right
            found.append(FLOPS_FORWARD * rows * inner * columns / (time.process_time() - began))
    return max(found)


def train(given: argparse.Namespace, watch: Watch) -> Fitted:
    """One batch an epoch, and no evaluation."""
    epochs = WARM_UP + 2 * watch.repeats + 1
    config = TrainingConfig(device="cpu", precision=given.precision, threads=1, batch_size=TRAINED, epochs=epochs)
    model = ModelConfig(pooling="mean", random_sizes=SIZES[given.model])
    loaded = load(model, LABELS, dropout=None, max_length=config.max_length, seed=1)
    texts = texts_of(TRAINED, given.tokens)
    hooks = TrainingHooks(should_stop=watch)
    return fit(loaded, texts, texts, config, TextOrder(TRAINED, 1), score=lambda _: None, hooks=hooks, epochs=epochs)


def show(title: str, watch: Watch, floor: float) -> None:
    found = least(watch.runs)
    whole = sum(operation.seconds for operation in found.values())
    print(f"\n{title}: {1e3 * min(watch.seconds):.1f} ms, floor {1e3 * floor:.1f} ms, share {floor / min(watch.seconds):.0%}")
    print(f"{'operation':<50}{'calls':>7}{'ms':>9}{'share':>8}")
    shown = sorted(found.items(), key=lambda item: -item[1].seconds)
    large = [(name, operation) for name, operation in shown if operation.seconds >= LEAST_SHARE * whole]
    small = [operation for _, operation in shown[len(large) :]]
    rest = Operation(sum(one.calls for one in small), sum(one.seconds for one in small))
    for name, operation in (*large, (f"{len(small)} others", rest)):
        print(f"{name:<50}{operation.calls:>7}{1e3 * operation.seconds:>9.2f}{operation.seconds / whole:>8.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=SIZES, default="minilm")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--tokens", type=int, default=19)
    parser.add_argument("--repeats", type=int, default=12)
    given = parser.parse_args()
    torch.set_num_threads(1)
    before, steps, evaluations = product_rate(), Watch(given.repeats), Watch(given.repeats)
    fitted = train(given, steps)
    batch, texts = (fitted.predictor.encode(texts_of(count, given.tokens).texts) for count in (TRAINED, EVALUATED))
    for _ in range(WARM_UP + 2 * given.repeats + 1):
        evaluations()
        fitted.predictor.logits(texts)
    evaluations()
    rate = max(before, product_rate())
    multiplied = sum(parameter.numel() for parameter in fitted.loaded.classifier.network.base_model.encoder.parameters()) / rate
    print(f"{given.model}, {given.precision}, one thread, torch {torch.__version__}, {rate / 1e9:.0f} GFLOP/s in float32")
    show(f"a step on {sum(batch.lengths)} tokens", steps, FLOPS_TRAINED * multiplied * sum(batch.lengths))
    show(f"an evaluation of {sum(texts.lengths)} tokens", evaluations, FLOPS_FORWARD * multiplied * sum(texts.lengths))


if __name__ == "__main__":
    main()
