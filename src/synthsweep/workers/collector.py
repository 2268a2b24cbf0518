"""How often Python looks for garbage: imports of torch, transformers and MLflow make a million objects that stay."""

import gc

# Container objects between two looks at the young ones; Python's own 700 or 2,000 cost an eighth of the imports' time.
YOUNG, MIDDLE, OLD = 100_000, 20, 100


def look_seldom() -> None:
    """For processes that import all of these; what reference counts free is freed at once all the same."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)
