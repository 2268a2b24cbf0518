"""What `import synthsweep` offers a script or a notebook: the work of the command line, with data frames as results.

Every function takes `overrides`, the words that follow the verb on the command line (`["experiment=ci", "seed=2"]`; one word
may be given alone), and `folder`, which stands for tracking.folder. Progress goes to stderr, in a notebook to the output of
the cell. Scores are shares in [0, 1], as in MLflow; changes of scores are in points, in columns whose names end in `_points`.
Undefined is NaN, never 0.

Errors are those of the command line: SynthsweepError and its kinds, with one line that says what is wrong and what to do.
"""

from synthsweep.api.pools import GeneratedPool, generate, pool
from synthsweep.api.studies import StudyAnswer, compare, effects, runs
from synthsweep.api.training import SweptStudy, TrackedRun, predictions, run, sweep

__all__ = [
    "GeneratedPool",
    "StudyAnswer",
    "SweptStudy",
    "TrackedRun",
    "compare",
    "effects",
    "generate",
    "pool",
    "predictions",
    "run",
    "runs",
    "sweep",
]
