"""What all pages write alike: undefined as a dash, a true minus, a number with its noun; pure."""

DASH, MINUS = "–", "−"


def counted(number: int, noun: str) -> str:
    """`1 seed`, `3 seeds`, `two thousand` as `2,000`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
