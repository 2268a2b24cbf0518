"""What a command took: its seconds, and the peak memory of its largest process."""

import resource
import sys

# `ru_maxrss` counts KiB, on macOS bytes.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
MIB = 2**20


def took_line(seconds: float) -> str:
    """`Took 12.7 s, at most 830 MiB of memory in one process`: this process, or a worker of it that has ended."""
    minutes, rest = divmod(round(seconds), 60)
    time = f"{seconds:.1f} s" if seconds < 60 else f"{minutes} min {rest} s"
    return f"Took {time}, at most {peak_mib():,.0f} MiB of memory in one process."


def peak_mib() -> float:
    """The peak memory of this process or of any child that was waited for, whichever is larger."""
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(peaks) * MAXRSS_BYTES / MIB
