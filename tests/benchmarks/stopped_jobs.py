"""A job of 210 requests that is stopped at ten random moments by each of four signals: what was answered beside what is kept.

    python tests/benchmarks/stopped_jobs.py [--stops 10] [--texts 300]

After SIGTERM, SIGHUP and Ctrl-C every answer is stored and none is paid twice; after kill -9 all but those that were under way.
Exit status 1 if not.
"""

import argparse
import random
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.stopped_jobs import SIGNALS, stop_often


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stops", type=int, default=10)
    parser.add_argument("--texts", type=int, default=300)
    given = parser.parse_args()
    print(f"{'signal':<10}{'stops':>6}{'answered':>10}{'stored':>8}{'not kept':>10}{'paid twice':>12}  statuses")
    wrong = False
    for number in SIGNALS:
        with tempfile.TemporaryDirectory() as folder:
            out = stop_often(Path(folder), number, stops=given.stops, texts=given.texts, rng=random.Random(int(number)))
        name = signal.Signals(number).name
        counts = f"{out.stops:>6}{out.answered:>10}{out.stored:>8}{out.lost:>10}{out.paid_twice:>12}"
        print(f"{name:<10}{counts}  {' '.join(map(str, out.statuses))}", flush=True)
        # Eight requests are under way at most.
        allowed = 8 * out.stops if number == signal.SIGKILL else 0
        wrong |= out.lost > 0 or out.paid_twice > allowed or out.stored != given.texts // 10 * 7
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
