import subprocess
import sys
from pathlib import Path

import pytest

from support.llm_faults import USD_A_REPLY, fill
from support.llm_server import serving

TESTS = str(Path(__file__).parents[2])


@pytest.mark.parametrize("polls", [1, 3])
def test_a_batch_fills_a_pool_for_half_the_price(own_folder: Path, polls: int) -> None:
    """One file up, one down, then the rejected texts again."""

    with serving(batch_polls=polls) as llm:
        job, stats = fill(llm, own_folder, "generate.batch=true", "generate.batch_poll_s=0.01")

    assert (job.missing.done, stats.answered, len(llm.batches)) == (40, 4, 1)
    assert job.spending.total == pytest.approx(4 * USD_A_REPLY / 2)
    assert job.store.open_batches(llm.address) == []


BATCH_UNTIL_KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.llm_faults import job_of
from support.llm_server import Llm
from synthsweep.progress import silent
from synthsweep.generate.llm.job import run_job
llm = Llm(None, address={address!r})
run_job(job_of(llm, Path({folder!r}), "generate.batch=true", "generate.batch_poll_s=0.05"), silent)
"""


@pytest.mark.slow
def test_a_batch_outlives_its_process(own_folder: Path) -> None:
    """The next one waits for it, and asks for nothing twice."""

    with serving(batch_polls=10**6) as llm:
        code = BATCH_UNTIL_KILLED.format(tests=TESTS, address=llm.address, folder=str(own_folder))
        process = subprocess.Popen([sys.executable, "-c", code])
        while not any(batch["polls"] for batch in llm.batches.values()):
            assert process.poll() is None
        process.kill()
        process.wait()
        llm.batch_polls = 1
        job, _ = fill(llm, own_folder, "generate.batch=true", "generate.batch_poll_s=0.01")

    assert (job.missing.done, len(llm.batches), len(llm.requests)) == (40, 1, 4)
    assert job.spending.total == pytest.approx(4 * USD_A_REPLY / 2)
