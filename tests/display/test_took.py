"""What a command says that it took."""

import re
import subprocess
import sys

import pytest

from synthsweep.display.took import peak_mib, took_line


@pytest.mark.parametrize(
    ("seconds", "said"), [(12.66, "12.7 s"), (59.9, "59.9 s"), (60.0, "1 min 0 s"), (754.4, "12 min 34 s")]
)
def test_a_line_gives_the_time_and_the_peak_memory(seconds: float, said: str) -> None:
    assert re.fullmatch(rf"Took {said}, at most [\d,]+ MiB of memory in one process\.", took_line(seconds))


def test_the_memory_of_a_worker_that_has_ended_counts() -> None:
    """It holds more than this process ever did."""
    wanted = int(peak_mib()) + 100

    subprocess.run([sys.executable, "-c", f"bytearray(b'x') * ({wanted} * 2**20)"], check=True)

    assert wanted <= peak_mib() < wanted + 200
