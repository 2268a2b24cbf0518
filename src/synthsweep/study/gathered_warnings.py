"""What is warned of run after run is said once, with the number of runs."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from synthsweep.pages.numbers import counted


@contextmanager
def gathered_warnings(log: logging.Logger) -> Iterator[None]:
    """Holds back what `log` says within, and says each line of it at the end, also of an error."""
    found: Counter[tuple[int, str]] = Counter()

    def hold(record: logging.LogRecord) -> bool:
        found[record.levelno, record.getMessage()] += 1
        return False

    log.addFilter(hold)
    try:
        yield
    finally:
        log.removeFilter(hold)
        for (level, message), count in found.items():
            log.log(level, "%s%s", message, f" ({counted(count, 'run')})" if count > 1 else "")
