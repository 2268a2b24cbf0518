"""How a message is worded: on one line, with a short list of values, without a password; pure."""

import re


def first_line(error: BaseException) -> str:
    """The first line of an error that is not blank, or its type's name: for messages of one line."""
    lines = (line.strip() for line in str(error).splitlines())
    return next((line for line in lines if line), type(error).__name__)


def listing(values: list[str] | list[int], limit: int = 3) -> str:
    """The first values and the number of the others: `3, 17, 20 and 5 more`."""
    shown = ", ".join(str(value) for value in values[:limit])
    rest = len(values) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


def without_password(text: str) -> str:
    """The text without the user and password of each address in it: what stands between :// and @."""
    # Up to the last @ of the word: a database's password may hold a slash or an @ itself.
    return re.sub(r"://\S*@", "://", text)
