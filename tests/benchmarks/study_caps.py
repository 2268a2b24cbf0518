"""A study of three pools with a cap of 0.05 dollars, against servers that state their usage in four ways: what they bill.

    python tests/benchmarks/study_caps.py [--all]

A server adds up what it bills for every request that it begins to answer; replies may be longer than their limit. `--all`
takes every way that tests/support/bills.py knows. Exit status 1 if a bill passes the cap, or what was counted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.bills import FOUR, PRICED, SHAPES, Meter, Shape
from support.llm_server import serving

CAP = 0.05
STUDY = (
    "run", "-m", "experiment=ci", "study=caps", "llm=vllm", "llm.model=m", "prompt=plain,attributed,persona", "generate.n=100",
    f"generate.max_usd={CAP}", "hydra.launcher.n_workers=2", *PRICED,
)  # fmt: skip


def bill(shape: Shape, folder: Path) -> tuple[Meter, float, str]:
    """What a server of this shape bills for the study, what is counted, and the command's last line."""
    from synthsweep.generate.replies.store import open_reply_store

    meter = Meter(shape, thought=3000)
    with serving(meter, latency=0.2) as llm:
        words = [sys.executable, "-m", "synthsweep.cli.main", *STUDY, f"llm.base_url={llm.address}"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
    with closing(open_reply_store(folder / "mlruns")) as store:
        return meter, store.spending("caps").total, (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]


def main() -> int:
    """Prints a row per shape."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    wrong = False
    print(f"{'what the server says':<44}{'requests':>9}{'its bill':>10}{'counted':>10}  last line")
    for shape in SHAPES if parser.parse_args().all else FOUR:
        with tempfile.TemporaryDirectory() as folder:
            meter, counted, line = bill(shape, Path(folder))
        print(f"{shape.name:<44}{meter.requests:>9}{meter.usd:>10.4f}{counted:>10.4f}  {line}", flush=True)
        wrong |= not 0 < meter.usd <= counted + 1e-9 <= CAP + 2e-9
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
