"""The device that training runs on, and its precision."""

from typing import Any

import torch

from synthsweep.errors import ModelError


def choose_device(wanted: str) -> torch.device:
    """The device of that name; `auto` is CUDA, else MPS, else the CPU.

    Raises:
        ModelError: this machine does not have the device.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, is_available in available.items() if is_available))
    if not available[wanted]:
        raise ModelError(f"training.device={wanted}: torch sees none here; set training.device=auto")
    return torch.device(wanted)


def autocast(device: torch.device, precision: str) -> Any:
    """A context in which torch computes in bf16, where that is configured, or automatic on a GPU that has it."""
    automatic = device.type == "cuda" and torch.cuda.is_bf16_supported()
    enabled = precision == "bf16" or (precision == "auto" and automatic)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
