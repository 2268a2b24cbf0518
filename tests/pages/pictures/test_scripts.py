"""Letters of any script in figures."""

import warnings

import pytest

from synthsweep.pages.pictures.picture import canvas, drawing
from synthsweep.pages.pictures.scripts import any_script, other_fonts, say_that_letters_are_missing


def test_letters_that_no_font_has_are_said_once(caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder) -> None:
    """Matplotlib warns of each letter in each figure, in the middle of a progress bar."""
    say_that_letters_are_missing.cache_clear()

    for _ in range(2):
        with drawing():
            figure = canvas(1)
            # Private use: no font has them.
            figure.text(0.5, 0.5, "\ue123\ue124")
            figure.draw_without_rendering()

    assert [message.partition(":")[0] for message in caplog.messages] == [
        "no font of this machine has some letters of the labels"
    ]
    assert not recwarn.list


def test_other_warnings_stay() -> None:
    """Only the missing letters are known to be harmless."""
    with pytest.warns(UserWarning, match="odd"), any_script():
        warnings.warn("odd", stacklevel=1)


def test_only_fonts_that_are_installed_are_asked_for() -> None:
    """Matplotlib would warn of each that is not."""
    from matplotlib.font_manager import fontManager

    assert set(other_fonts()) <= {font.name for font in fontManager.ttflist}
