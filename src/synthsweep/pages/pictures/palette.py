"""The colours, markers and hatches of all pictures, named by their meaning."""

from dataclasses import dataclass

# Okabe and Ito (2008): colour-blind readers can distinguish them, too.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"


@dataclass(frozen=True)
class Ink:
    """A colour, with the marker and hatch that replace it in black and white."""

    colour: str
    marker: str = "o"
    hatch: str = ""


# For the series of a picture, in order: arms as points, parts as bars.
SERIES = (
    Ink(BLUE, "o"),
    Ink(VERMILLION, "s", "///"),
    Ink(GREEN, "^", "..."),
    Ink(PURPLE, "D", "xx"),
    Ink(ORANGE, "v", "---"),
    Ink(SKY, "P", "++"),
)
REAL, SYNTHETIC = Ink(BLUE, "o"), Ink(VERMILLION, "^", "////")
RIGHT, OMITTED = Ink(BLUE, "o"), Ink(VERMILLION, "^")
RANKING, OPERATING_POINT = Ink(BLUE), Ink(ORANGE, hatch="///")
BEST, OTHERS = Ink(BLUE, "D"), Ink("0.35", "o")
METRICS = {"precision": BLUE, "recall": ORANGE, "f1": GREEN, "average_precision": PURPLE}

# Greys, from dark to light.
ZERO_LINE, MUTED, REFERENCE, BACKGROUND = "0.3", "0.35", "0.6", "0.75"
UNDEFINED_HATCH = "////"
# Colour maps: for shares from 0 to 1, also readable in grey; for changes, red below 0 and blue above.
SHARES, CHANGES = "cividis", "RdBu"


def ink(place: int) -> Ink:
    """The ink of the series at this place; after the last ink, they repeat."""
    return SERIES[place % len(SERIES)]
