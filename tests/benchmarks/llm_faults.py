"""What a server does wrong, what came of it, what was kept, and what it cost: a row a fault of tests/support/llm_faults.py.

python tests/benchmarks/llm_faults.py
"""

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1]


def main() -> None:
    """Prints the table."""
    sys.path.insert(0, str(TESTS))
    from support import llm_faults as faults

    print(f"{'what came':<24}{'what we did':<42}{'texts':>6}{'asked':>7}{'kept':>6}{'paid':>9}{'perhaps':>9}{'seconds':>9}")
    for fault in faults.FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            out = faults.suffer(fault, Path(folder))
            spent, kept = out.job.spending, len(list(out.job.store.all()))
            cells = (
                f"{out.job.missing.done:>6}{out.requests:>7}{kept:>6}{spent.paid:>9.4f}{spent.lost:>9.4f}{out.seconds:>9.1f}"
            )
            print(f"{fault.name:<24}{fault.did:<42}{cells}")


if __name__ == "__main__":
    main()
