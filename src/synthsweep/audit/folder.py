"""`mlruns/audit/NAME/`: what was asked, for those who may know, and where the answers are kept.

`key.json` says which LLM wrote which text: whoever judges must not read it. The folder is open to its owner alone.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from synthsweep.audit.answer_store import FILE as ANSWERS
from synthsweep.audit.answer_store import AnswerStore
from synthsweep.audit.items import Audit, Item, Stratum
from synthsweep.errors import AuditError, ReportError
from synthsweep.examples import Criterion, LabelSet
from synthsweep.messages import listing
from synthsweep.pages.files import place

FOLDER, KEY = "audit", "key.json"
VERSION = 1
NAMES_SHOWN = 8


def audit_folder(tracking: str, name: str) -> Path:
    """Where an audit is, or would be."""
    return Path(tracking) / FOLDER / name


def audits_in(tracking: str) -> list[str]:
    """The names of the audits that there are."""
    return sorted(found.parent.name for found in (Path(tracking) / FOLDER).glob(f"*/{KEY}"))


def write_audit(audit: Audit, folder: Path) -> bool:
    """Keeps a new audit, and says whether it is new: the same one again changes nothing.

    Raises:
        AuditError: another sample has this name, and its sheets may be out.
        ReportError: the folder cannot be written to.
    """
    try:
        if (folder / KEY).exists():
            _require_same(audit, folder)
            return False
        if (folder / ANSWERS).exists():
            raise AuditError(f"{folder} has answers, and no {KEY} that says to what: audit.name=OTHER begins another audit")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(audit, folder)
    except OSError as error:
        raise ReportError(f"{folder}: the audit cannot be written: {error.strerror or error}") from error
    return True


def _require_same(audit: Audit, folder: Path) -> None:
    there = read_audit(folder)
    if there.digest != audit.digest:
        raise AuditError(
            f"audit.name={audit.name} is another sample already ({len(there.items)} items in {folder}): "
            "audit.name=OTHER begins a second one"
        )
    if there.public and not audit.public:
        # What is private now stays so, whatever it was when the sample was drawn.
        _write(replace(there, public=False), folder)


def _write(audit: Audit, folder: Path) -> None:
    place(folder / KEY, json.dumps(_as_json(audit), ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))


def read_audit(folder: Path) -> Audit:
    """The audit of a folder.

    Raises:
        AuditError: there is none, or it cannot be read.
    """
    file = folder / KEY
    try:
        return _of_json(json.loads(file.read_text(encoding="utf-8", errors="surrogatepass")))
    except FileNotFoundError:
        there = [found.parent.name for found in sorted(folder.parent.glob(f"*/{KEY}"))]
        message = (
            f"there are {listing(there, NAMES_SHOWN)}" if there else "there is none yet; synthsweep audit export makes one"
        )
        raise AuditError(f"audit.name={folder.name}: no such audit below {folder.parent}; {message}") from None
    except OSError as error:
        raise AuditError(f"{file}: the audit cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise AuditError(f"{file} is no audit: move it away, then export the audit again") from error


def open_answers(folder: Path) -> AnswerStore:
    """The answers of an audit's folder."""
    return AnswerStore(folder / ANSWERS)


def _as_json(audit: Audit) -> dict[str, Any]:
    return {
        "version": VERSION,
        "name": audit.name,
        "seed": audit.seed,
        "public": audit.public,
        "data": audit.data,
        "pools": audit.pools,
        "labels": asdict(audit.labels),
        "strata": [{**stratum._asdict(), "texts": texts} for stratum, texts in audit.sizes.items()],
        "items": [{**asdict(item), "labels": sorted(item.labels)} for item in audit.items],
    }


def _of_json(value: dict[str, Any]) -> Audit:
    if value["version"] != VERSION:
        raise ValueError(value["version"])
    labels = value["labels"]
    criteria = tuple(Criterion(**criterion) for criterion in labels["criteria"])
    return Audit(
        value["name"],
        LabelSet(labels["name"], criteria, labels["text_kind"]),
        tuple(Item(**{**item, "labels": frozenset(item["labels"])}) for item in value["items"]),
        {Stratum(row["llm"], row["prompt"], row["criterion"]): row["texts"] for row in value["strata"]},
        value["seed"],
        tuple(tuple(words) for words in value["pools"]),
        value["public"],
        value["data"],
    )
