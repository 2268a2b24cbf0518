"""A process that draws for another one: pictures and the number of each one to draw come in, files go out."""

import logging
import pickle
import sys
from contextlib import suppress

from synthsweep.pages.pictures.draw_many import figures_let_go
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
        with figures_let_go() as let_go:
            for line in sys.stdin.buffer:
                picture = pictures[int(line)]
                picture.draw_files()
                pickle.dump((picture.drawn, letters_are_missing()), replies)
                replies.flush()
                let_go()


if __name__ == "__main__":
    main()
