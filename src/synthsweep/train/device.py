"""What training runs on, and in which precision."""

from typing import Any

import torch

from synthsweep.errors import ModelError


def choose_device(wanted: str) -> torch.device:
    """`auto` takes CUDA, then MPS, then the CPU.

    Raises:
        ModelError: the device that was asked for is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, is_there in there.items() if is_there))
    if not there[wanted]:
        raise ModelError(f"training.device={wanted}: torch sees none here; set training.device=auto")
    return torch.device(wanted)


def autocast(device: torch.device, precision: str) -> Any:
    """bf16 where it pays: asked for, or on a GPU that has it."""
    there = device.type == "cuda" and torch.cuda.is_bf16_supported()
    enabled = precision == "bf16" or (precision == "auto" and there)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
