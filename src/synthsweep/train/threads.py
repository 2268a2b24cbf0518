"""How torch computes on the CPU: with how many threads, and without denormal numbers.

The moments of AdamW for a word that no text has held for some 800 steps have shrunk below 1e-38, where a processor takes ten
times as long for each: they count as 0 here. Only threads that are started within the context do so too.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

DENORMAL = 1e-39


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """A context in which torch uses so many threads, 0 leaves it to torch, and takes denormal numbers for 0."""
    before, flushed = torch.get_num_threads(), flushes_denormals()
    torch.set_num_threads(count or before)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed)
        torch.set_num_threads(before)


def flushes_denormals() -> bool:
    """Whether this thread takes denormal numbers for 0."""
    return not torch.tensor(DENORMAL).mul(1.0).item()
