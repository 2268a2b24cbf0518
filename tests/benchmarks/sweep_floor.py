"""The least time that a sweep could take: the arithmetic of its real tokens at the machine's own matrix product rate.

    python tests/benchmarks/sweep_floor.py

prints the rate of one thread, in GFLOP/s.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# (texts x tokens, in) @ (in, out): MiniLM's feed-forward and attention layers at 16 texts of 20 tokens, and a square.
SHAPES = ((320, 384, 1536), (320, 1536, 384), (320, 384, 384), (1024, 1024, 1024))
SECONDS_A_SHAPE = 1.0
# Multiply and add: once forward; backward does it again for the inputs and for the weights.
FLOPS_FORWARD, FLOPS_TRAINED = 2, 6


@dataclass(frozen=True)
class Work:
    """What one trial cannot do without: real tokens, padding left out, and the encoder's parameters."""

    trained_tokens: int
    evaluated_tokens: int
    parameters: int

    @property
    def flops(self) -> int:
        return self.parameters * (FLOPS_TRAINED * self.trained_tokens + FLOPS_FORWARD * self.evaluated_tokens)


def work_of(texts: Mapping[str, Sequence[str]], model: Path, *, epochs: int, max_length: int) -> Work:
    """Training texts and dev once an epoch, test once; embeddings are looked up, not multiplied."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    tokens = {
        part: sum(map(len, tokenizer(list(rows), truncation=True, max_length=max_length)["input_ids"]))
        for part, rows in texts.items()
    }
    parameters = sum(parameter.numel() for parameter in AutoModel.from_pretrained(model).encoder.parameters())
    return Work(epochs * tokens["train"], epochs * tokens["dev"] + tokens["test"], parameters)


def measured_rate(processes: int) -> float:
    """FLOP/s of one thread while `processes` of them run at once, as the workers of a sweep do."""
    command, pipe = [sys.executable, __file__, "--wait"], subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)]
    for process in running:
        # All have imported torch before any begins: two threads of one core slow each other.
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [float(process.communicate()[0]) for process in running]
    return 1e9 * sum(found) / processes


def best_rate(*, wait: bool) -> float:
    """FLOP/s of one thread at the shape that it does best; `wait` begins at a line of standard input."""
    import torch

    torch.set_num_threads(1)
    if wait:
        print("ready", flush=True)
        sys.stdin.readline()
    return max(_rate(*(torch.rand(shape) for shape in ((rows, inner), (inner, columns)))) for rows, inner, columns in SHAPES)


def _rate(left, right) -> float:  # type: ignore[no-untyped-def]
    flops = FLOPS_FORWARD * left.shape[0] * left.shape[1] * right.shape[1]
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS_A_SHAPE:
        for _ in range(10):
            left @ right
        done += 10
    return flops * done / (time.perf_counter() - began)


if __name__ == "__main__":
    print(best_rate(wait="--wait" in sys.argv) / 1e9)
