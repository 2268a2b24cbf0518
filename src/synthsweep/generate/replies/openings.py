"""How the texts of a reply open."""

from synthsweep.generate.completer import Completion
from synthsweep.generate.prompts.openings import opening
from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply, reject_whole

UNKNOWN_LABEL = "unknown label"


def openings_of(completion: Completion) -> list[str]:
    """The openings of a reply's texts, whatever the label set and the screens say of them.

    A stored reply gives the same ones after a label was added or `generate.max_words` was changed, so that no prompt that
    shows them changes and is paid for again. Texts of the user's own file answer no prompt, and none shows them.
    """
    if completion.own or reject_whole(completion, ()) is not None:
        return []
    pieces = parse_reply(completion.text, (), cut=completion.finish == "length")
    openings = (opening(_text(piece)) for piece in pieces)
    return [one for one in openings if one]


def _text(piece: Parsed | Rejected) -> str:
    if isinstance(piece, Parsed):
        return piece.text
    # No label is known here, so a text that names one is rejected for that alone.
    return piece.piece if piece.kind == UNKNOWN_LABEL else ""
