"""Uses an audit in a run: the verdicts on judged texts, and the share of right labels per cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthsweep.audit.folder import audit_folder, open_answers, read_audit
from synthsweep.audit.items import SAMPLE, Answer, Audit, Stratum, stratum_of
from synthsweep.audit.stats.consensus import Opinion, by_stratum, opinions
from synthsweep.config.commands import assign, command_line
from synthsweep.errors import AuditError
from synthsweep.examples import Example, digest_of, text_key
from synthsweep.label_checker import Verdict


@dataclass(frozen=True)
class Audited:
    """An audit with its answers: checks labels as a LabelChecker, and gives characteristics of texts."""

    audit: Audit
    answers: tuple[Answer, ...]

    def check(self, examples: Sequence[Example]) -> list[Verdict | None]:
        """The raters' verdict on each text, in whatever example it occurs; None without a majority among sure raters.

        Raters were asked about one label: labels that they did not deny stay, further ones that they marked are added.
        """
        found = [self._by_text.get(text_key(example.text)) for example in examples]
        return [None if one is None else _verdict(one, example) for one, example in zip(found, examples, strict=True)]

    @cached_property
    def digest(self) -> str:
        """Digest of the sample and of every answer."""
        rows = [[one.item, one.rater, one.verdict, sorted(one.shows)] for one in self.answers]
        return digest_of([self.audit.digest, sorted(rows)])

    def metrics(self, examples: Sequence[Example]) -> dict[str, float]:
        """`synthetic/audited_...`: the share of right labels, and of texts that omit one, in the cells of these texts.

        Each text counts with the share of its LLM x prompt x criterion, in [0, 1]; `audited_coverage` is the share of texts
        from judged cells. The other metrics are missing if no cell was judged.
        """
        cells = [(one.provenance, self._cells.get(stratum_of(one))) for one in examples]
        known = [(origin.criterion, cell) for origin, cell in cells if cell is not None]
        metrics = {"synthetic/audited_coverage": len(known) / len(examples)} if examples else {}
        for place, name in enumerate(("correctness", "omission")):
            for label in ("", *sorted({criterion for criterion, _ in known})):
                values = [cell[place] for criterion, cell in known if label in {"", criterion}]
                if values:
                    metrics["/".join(filter(None, ("synthetic", f"audited_{name}", label)))] = float(np.mean(values))
        return metrics

    @cached_property
    def _opinions(self) -> dict[str, Opinion]:
        by_item = opinions(self.audit, self.answers)
        return {ident: one for ident, one in by_item.items() if one.item.kind == SAMPLE and one.verdict is not None}

    @cached_property
    def _by_text(self) -> dict[str, Opinion]:
        return {text_key(one.item.text): one for one in self._opinions.values()}

    @cached_property
    def _cells(self) -> dict[Stratum, tuple[float, float]]:
        """Shares of right labels and of omissions."""
        return {
            stratum: (_share(one.correct for one in judged), _share(one.omits for one in judged))
            for stratum, judged in by_stratum(self._opinions.values()).items()
        }


def open_audited(tracking: str, name: str) -> Audited:
    """The audit that `curation.audit` names.

    Raises:
        AuditError: there is no such audit, or nobody has answered yet.
    """
    folder = audit_folder(tracking, name)
    audit, answers = read_audit(folder, key="curation.audit"), open_answers(folder).all()
    if not answers:
        review = command_line("audit review", assign("audit.name", name))
        raise AuditError(f"curation.audit={name}: nobody has answered yet; {review}")
    return Audited(audit, tuple(answers))


def _verdict(opinion: Opinion, example: Example) -> Verdict:
    denied = frozenset() if opinion.item.criterion in opinion.seen else frozenset({opinion.item.criterion})
    return Verdict((example.labels - denied) | opinion.seen, opinion.confirming)


def _share(values: Iterable[bool | None]) -> float:
    return float(np.mean([bool(value) for value in values]))
