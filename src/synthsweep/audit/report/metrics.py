"""The findings of an audit as metrics of a tracker; undefined ones are left out; pure."""

import re
from collections.abc import Iterable, Mapping

from synthsweep.audit.report.parts import margins
from synthsweep.audit.stats.findings import ALL, Findings, Part
from synthsweep.audit.stats.prediction_powered import PredictionPowered
from synthsweep.audit.stats.shares import Share
from synthsweep.examples import digest_of

# MLflow allows 250 characters per name, and this is one part of a name.
LONGEST = 100


def metrics(findings: Findings) -> dict[str, float]:
    """`audit/correctness/llm/NAME` and the like; `/low` and `/high` are the ends of 95 % intervals."""
    values: dict[str, float | None] = dict(_of_part(findings.whole, ALL))
    for group, parts in margins(findings).items():
        names = legal_names(part.name for part in parts)
        for part in parts:
            values |= _of_part(part, f"{group}/{names[part.name]}")
    values |= _of_raters(findings)
    values |= {f"audit/controls/{control.kind}": control.passed.value for control in findings.controls}
    return {name: float(value) for name, value in values.items() if value is not None}


def legal_names(names: Iterable[str], taken: Iterable[str] = ()) -> Mapping[str, str]:
    """Maps each name to one that is legal as part of a metric's name; equal results get different ends."""
    legal: dict[str, str] = {}
    used = set(taken)
    for name in names:
        plain = re.sub(r"[^\w\-. :]", "_", name)
        plain = plain if plain.strip(".") else "_" * max(1, len(plain))
        if plain in used or len(plain) > LONGEST:
            plain = f"{plain[: LONGEST - 7]}:{digest_of(name)[:6]}"
        legal[name] = plain
        used.add(plain)
    return legal


def _of_part(part: Part, path: str) -> dict[str, float | None]:
    shares: dict[str, Share | PredictionPowered | None] = {
        "correctness": part.correctness, "omission": part.omission, "powered": part.powered
    }  # fmt: skip
    values: dict[str, float | None] = {}
    for name, share in shares.items():
        if share is not None:
            ends = {"": share.value, "/low": share.low, "/high": share.high}
            values |= {f"audit/{name}/{path}{end}": value for end, value in ends.items()}
    return values


def _of_raters(findings: Findings) -> dict[str, float | None]:
    values: dict[str, float | None] = {
        "audit/answers": len(findings.answers), "audit/raters": len(findings.progress), "audit/open": findings.whole.open
    }  # fmt: skip
    names = legal_names((one.name for one in findings.agreement[1:]), taken=[ALL])
    for place, one in enumerate(findings.agreement):
        name = names[one.name] if place else ALL
        values |= {f"audit/alpha/{name}": one.alpha, f"audit/kappa/{name}": one.kappa}
    return values
