"""How often Python looks for garbage: imports of torch, transformers and MLflow make a million objects that stay."""

import atexit
import contextlib
import gc
import sqlite3
from functools import cache

# Container objects between two looks at the young ones; Python's own 700 or 2,000 cost an eighth of the imports' time.
YOUNG, MIDDLE, OLD = 100_000, 20, 100


def look_seldom() -> None:
    """For processes that import all of these; what reference counts free is freed at once all the same."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    _look_no_more_at_the_end()


@cache
def _look_no_more_at_the_end() -> None:
    atexit.register(_end_without_a_look)


def _end_without_a_look() -> None:
    """Python would look through all objects several times: two seconds, for memory that the system takes back.

    Databases are closed all the same, so that SQLite leaves no files beside them.
    """
    for one in gc.get_objects():
        if issubclass(type(one), sqlite3.Connection):
            with contextlib.suppress(sqlite3.Error):
                one.close()
    gc.freeze()
