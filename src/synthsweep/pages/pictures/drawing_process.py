"""A process that draws for another one: pictures and the number of each one to draw come in, files go out."""

import logging
import pickle
import sys
from contextlib import suppress

from synthsweep.pages.pictures.picture import KINDS
from synthsweep.pages.pictures.scripts import letters_are_missing


def main() -> None:
    """Ends when its input does."""
    replies = sys.stdout.buffer
    # Nothing that a library prints may come between two replies.
    sys.stdout = sys.stderr
    # The other process says what is to be said.
    logging.disable(logging.WARNING)
    with suppress(EOFError, BrokenPipeError):
        pictures = pickle.load(sys.stdin.buffer)  # noqa: S301 - what the process that started this one wrote
        for line in sys.stdin.buffer:
            files = {kind: pictures[int(line)].file(kind) for kind in KINDS}
            pickle.dump((files, letters_are_missing()), replies)
            replies.flush()


if __name__ == "__main__":
    main()
