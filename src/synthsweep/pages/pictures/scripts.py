"""Letters of any script in figures: fonts that are installed here, and one line where none has a letter."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

log = logging.getLogger(__name__)

# Fonts of the usual systems with letters that DejaVu Sans lacks, the one with most of them first.
FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR", "Source Han Sans SC",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "IPAexGothic", "IPAGothic", "NanumGothic",
    "Arial Unicode MS", "PingFang SC", "PingFang HK", "Hiragino Sans", "Hiragino Sans GB", "Apple SD Gothic Neo",
    "Microsoft YaHei", "MS Gothic", "Yu Gothic", "Malgun Gothic", "Nirmala UI", "Noto Sans Devanagari", "Noto Sans Bengali",
    "Noto Sans Tamil", "Noto Sans Thai", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Ethiopic", "Noto Sans Symbols 2",
    "Noto Emoji", "FreeSans", "Unifont",
)  # fmt: skip
MISSING = re.compile(r"Glyph \d+ ")


@cache
def other_fonts() -> tuple[str, ...]:
    """Those of `FONTS` that are installed; matplotlib takes a letter from the first font that has it."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return tuple(name for name in FONTS if name in installed)


@contextmanager
def any_script() -> Iterator[None]:
    """A context in which letters that no font has are said once, and not by a warning for each in each figure.

    Every other warning takes its usual way, where and when it arises.
    """
    with warnings.catch_warnings():
        usual, missing = warnings.showwarning, 0

        def show(message: Warning | str, *place: Any, **more: Any) -> None:
            nonlocal missing
            if MISSING.match(str(message)):
                missing += 1
            else:
                usual(message, *place, **more)

        warnings.showwarning = show
        warnings.filterwarnings("always", message=MISSING.pattern)
        yield
    if missing:
        say_that_letters_are_missing()


def letters_are_missing() -> bool:
    """Whether a figure of this process had letters that no font has."""
    return say_that_letters_are_missing.cache_info().currsize > 0


@cache
def say_that_letters_are_missing() -> None:
    """Cached, so that a process says it once."""
    log.warning(
        "no font of this machine has some letters of the labels: figures show a box for each; install such a font, as "
        "fonts-noto-cjk, or give labels.names in other letters"
    )
