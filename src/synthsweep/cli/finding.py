"""The result of one check of `synthsweep doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """The result of one check: `state` is ok, note (no run needs it) or lacks; `remedy` is a command."""

    name: str
    state: str
    text: str
    remedy: str = ""
