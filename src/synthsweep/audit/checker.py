"""What an audit does for a run: verdicts on the texts that were judged, and how often each cell's labels are right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthsweep.audit.folder import audit_folder, open_answers, read_audit
from synthsweep.audit.items import SAMPLE, Answer, Audit, Stratum, stratum_of
from synthsweep.audit.stats.consensus import Opinion, by_stratum, opinions
from synthsweep.errors import AuditError
from synthsweep.examples import Example, digest_of, text_key
from synthsweep.label_checker import Verdict


@dataclass(frozen=True)
class Audited:
    """An audit with its answers, as a LabelChecker and as characteristics of texts."""

    audit: Audit
    answers: tuple[Answer, ...]

    def check(self, examples: Sequence[Example]) -> list[Verdict | None]:
        """What the raters see in each text, wherever it stands now; None of a text that nobody judged or was sure of.

        They were asked about one label: what they did not deny stays, what they marked besides is added.
        """
        found = [self._by_text.get(text_key(example.text)) for example in examples]
        return [None if one is None else _verdict(one, example) for one, example in zip(found, examples, strict=True)]

    @cached_property
    def digest(self) -> str:
        """Of the sample and every answer."""
        rows = [[one.item, one.rater, one.verdict, sorted(one.shows)] for one in self.answers]
        return digest_of([self.audit.digest, sorted(rows)])

    def metrics(self, examples: Sequence[Example]) -> dict[str, float]:
        """`synthetic/audited_...`: how often the labels are right, and omit one, where these texts come from.

        Each text counts with the share of its LLM x prompt x criterion, in [0, 1]; `audited_coverage` is the share of texts of
        cells that were judged. The rest is left out where none was.
        """
        cells = [(one.provenance, self._cells.get(stratum_of(one))) for one in examples]
        known = [(origin.criterion, cell) for origin, cell in cells if cell is not None]
        found = {"synthetic/audited_coverage": len(known) / len(examples)} if examples else {}
        for place, name in enumerate(("correctness", "omission")):
            for label in ("", *sorted({criterion for criterion, _ in known})):
                values = [cell[place] for criterion, cell in known if label in {"", criterion}]
                if values:
                    found["/".join(filter(None, ("synthetic", f"audited_{name}", label)))] = float(np.mean(values))
        return found

    @cached_property
    def _opinions(self) -> dict[str, Opinion]:
        said = opinions(self.audit, self.answers)
        return {ident: one for ident, one in said.items() if one.item.kind == SAMPLE and one.verdict is not None}

    @cached_property
    def _by_text(self) -> dict[str, Opinion]:
        return {text_key(one.item.text): one for one in self._opinions.values()}

    @cached_property
    def _cells(self) -> dict[Stratum, tuple[float, float]]:
        """Shares of right labels and of omissions."""
        own = by_stratum(self._opinions.values())
        return {stratum: (_share(one.correct for one in of), _share(one.omits for one in of)) for stratum, of in own.items()}


def open_audited(tracking: str, name: str) -> Audited:
    """The audit that `curation.audit` names.

    Raises:
        AuditError: there is none, or nobody has answered yet.
    """
    folder = audit_folder(tracking, name)
    try:
        audit, answers = read_audit(folder), open_answers(folder).all()
    except AuditError as error:
        raise AuditError(str(error).replace("audit.name=", "curation.audit=", 1)) from error
    if not answers:
        raise AuditError(f"curation.audit={name}: nobody has answered yet; synthsweep audit review audit.name={name}")
    return Audited(audit, tuple(answers))


def _verdict(opinion: Opinion, example: Example) -> Verdict:
    denied = frozenset() if opinion.item.criterion in opinion.seen else frozenset({opinion.item.criterion})
    return Verdict((example.labels - denied) | opinion.seen, opinion.bearing_out)


def _share(values: Iterable[bool | None]) -> float:
    return float(np.mean([bool(value) for value in values]))
