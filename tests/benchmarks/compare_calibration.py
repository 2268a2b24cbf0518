"""Does `synthsweep compare` keep its promises? Simulated studies whose truth is known, put through its own statistics.

    python tests/benchmarks/compare_calibration.py [--studies 500] [--only "8 positives"] [--jobs 1] [--details]

Each design of `calibration/designs.py` has `--studies` studies without an effect, and as many with one. A line per design:

    criterion, macro   the least and the highest coverage of 95 % intervals over all metrics and kinds of contrasts (effects,
                       their parts, main effects, interactions, trends), without and with an effect. The truth is the mean
                       difference on test sets of this size
    family, arms       share of the studies without an effect in which something is significant: by Holm over criteria x arms
                       of F1, and over the macro averages of the arms
    width              of average precision, of a criterion and macro, over the width without moderation over criteria, where
                       crossed seeds count as independent
    paired t, Hillis   the least coverage of a t interval on the differences by seed, and of one t with Hillis's (2007) degrees
    power              of the macro average at 0.05: what the studies state for the true difference, and the share that finds it

`--details` prints a line per metric and kind, with the lowest and the highest criterion.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from calibration.designs import DESIGNS
from calibration.studies import row_of, run
from calibration.tables import HEAD, SUMMARY, Simulated, details, summary


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--details", action="store_true")
    options = parser.parse_args()
    start = time.perf_counter()
    print(HEAD if options.details else SUMMARY, flush=True)
    lines = [SUMMARY]
    for design in (design for design in DESIGNS if options.only in design.name):
        null, planted = (run(design, planted, options.studies, options.jobs) for planted in (False, True))
        simulated = Simulated(design, row_of(design), null, planted)
        lines.append(summary(simulated))
        print("\n".join(details(simulated)) if options.details else lines[-1], flush=True)
    if options.details:
        print("\n".join(lines))
    print(f"{time.perf_counter() - start:.0f} s, {time.process_time():.0f} s of this process on a core")


if __name__ == "__main__":
    main()
