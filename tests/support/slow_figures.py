"""Figures that take their time, for tests of what draws several at once; another process can import them."""

import time

from matplotlib.figure import Figure

from synthsweep.pages.pictures.picture import canvas

# The heights of those that this process drew.
DRAWN: list[float] = []


def plotted(height: float, text: str = "", seconds: float = 0.0) -> Figure:
    time.sleep(seconds)
    DRAWN.append(height)
    figure = canvas(2.0)
    axes = figure.subplots()
    axes.plot([1, 2], [3, height])
    axes.set_title(text)
    return figure
