"""Letters of any script in figures: fonts that are installed here, and one line where none has a letter."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

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
    """A context in which letters that no font has are said once, and not by a warning for each in each figure."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        yield
    others = [one for one in caught if not MISSING.match(str(one.message))]
    for one in others:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if len(others) < len(caught):
        _say_that_letters_are_missing()


@cache
def _say_that_letters_are_missing() -> None:
    # Cached, so that a process says it once.
    log.warning(
        "no font of this machine has some letters of the labels: figures show a box for each; install such a font, as "
        "fonts-noto-cjk, or give labels.names in other letters"
    )
