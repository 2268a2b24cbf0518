"""Turns a reply into examples: parsed, screened and with their provenance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from synthsweep.config.keys.run import PoolConfig
from synthsweep.examples import Example, LabelSet, Provenance
from synthsweep.generate.completer import Completion, CompletionRequest, OwnText, Profile
from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply, reject_whole
from synthsweep.generate.replies.screen import Screening


@dataclass(frozen=True)
class ReplyParser:
    """Turns a reply into examples; `prompt` is part of their provenance, empty for texts of the user's own file.

    `kind` is that of the label set: where it is single, a text with more labels than one, or none, is rejected.
    """

    label_ids: tuple[str, ...]
    prompt: str
    screening: Screening | None = None
    # The LLMs that may have answered; empty allows any.
    answerers: tuple[str, ...] = ()
    kind: str = "multi"
    # Of the labels that have one beside their id: replies name them, too.
    names: Mapping[str, str] = field(default_factory=dict)

    def read(self, request: CompletionRequest, completion: Completion) -> list[Example | Rejected]:
        """The pieces of a reply in their order; texts of the user's own file are taken as they are."""
        if completion.own:
            return [self._own(text, request, completion, line) for line, text in enumerate(completion.own)]
        pieces = self._pieces(request, completion)
        profiles = _profiles(pieces, request)
        return [self._example(piece, request, completion, line, profiles.get(line, ())) for line, piece in enumerate(pieces)]

    def _pieces(self, request: CompletionRequest, completion: Completion) -> Sequence[Parsed | Rejected]:
        rejected = reject_whole(completion, self.answerers)
        if rejected is not None:
            return [rejected]
        pieces = parse_reply(completion.text, self.label_ids, cut=completion.finish == "length", names=self.names)
        return pieces if self.screening is None else self.screening.screen(pieces, request)

    def _example(
        self, piece: Parsed | Rejected, request: CompletionRequest, completion: Completion, line: int, profile: Profile
    ) -> Example | Rejected:
        if isinstance(piece, Rejected):
            return piece
        labels = _labels(piece, request)
        if isinstance(labels, Rejected):
            return labels
        if problem := self._class_problem(labels):
            return Rejected(problem, piece.text)
        return Example(
            id=self._id(request, completion, line),
            text=piece.text,
            labels=labels,
            provenance=Provenance(
                "synthetic", completion.model, self.prompt, request.criterion, request.digest, request.sample, line, profile,
                request.sources,
            ),
        )  # fmt: skip

    def _own(self, own: OwnText, request: CompletionRequest, completion: Completion, line: int) -> Example | Rejected:
        if problem := own.problem or self._class_problem(own.labels, f"row {own.row}"):
            return Rejected(problem, own.text)
        # No prompt asked for it, so no request says what it shows.
        origin = Provenance("synthetic", completion.model, self.prompt, request.criterion, "", request.sample, line)
        return Example(own.id or self._id(request, completion, line), own.text, own.labels, provenance=origin)

    def _class_problem(self, labels: frozenset[str], where: str = "") -> str:
        """What is wrong with the labels where a text has exactly one; `where` names the row of a text of the user's own."""
        if self.kind == "multi" or len(labels) == 1:
            return ""
        details = " has ".join(filter(None, [where, ", ".join(sorted(labels))]))
        return ": ".join(filter(None, ["several classes" if labels else "no class", details]))

    def _id(self, request: CompletionRequest, completion: Completion, line: int) -> str:
        place = (self.prompt or "own", request.criterion or "(none)", str(request.sample), str(line))
        return "/".join(["synthetic", completion.model, *place])


def _profiles(pieces: Sequence[Parsed | Rejected], request: CompletionRequest) -> dict[int, Profile]:
    """The profile of each piece by its place: by the number that the reply gives it, where the prompt asks for that.

    Otherwise by its position; where texts are missing or too many, it is unknown which text has which profile.
    """
    numbers = {line: piece.number for line, piece in enumerate(pieces) if isinstance(piece, Parsed)}
    known = {number for number in numbers.values() if number is not None and 1 <= number <= len(request.profiles)}
    if request.numbered and numbers and len(known) == len(numbers):
        return {line: request.profiles[(number or 0) - 1] for line, number in numbers.items()}
    items = [line for line, piece in enumerate(pieces) if isinstance(piece, Parsed) or piece.item]
    return dict(zip(items, request.profiles, strict=True)) if len(items) == len(request.profiles) else {}


def _labels(piece: Parsed, request: CompletionRequest) -> frozenset[str] | Rejected:
    if request.labels is None:
        # The text was meant to be a near miss.
        return Rejected("shows the criterion", piece.text) if request.criterion in piece.also else piece.also
    if not request.labels and piece.also:
        return Rejected("shows a criterion", piece.text)
    return request.labels | piece.also


def names_of(labels: LabelSet) -> dict[str, str]:
    """The names of the labels that have one beside their id."""
    return {criterion.id: criterion.name for criterion in labels.criteria if criterion.name not in {"", criterion.id}}


def reply_parser_of(config: PoolConfig, labels: LabelSet, *, screened: bool) -> ReplyParser:
    """The parser of a configuration; a simulator's texts are not screened."""
    # It is unknown which prompt the texts of the user's own file answer.
    prompt = "" if config.llm.path else config.prompt.variant
    screening = Screening(config.labels.language or "", config.generate.max_words) if screened else None
    return ReplyParser(labels.ids, prompt, screening, config.llm.answerers, labels.kind, names_of(labels))
