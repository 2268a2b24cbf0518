"""`mlruns/audit/NAME/`: the audit in `key.json`, the sheet, and the answers.

`key.json` says which LLM wrote which text: raters must not read it. The folder is readable by its owner alone.
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
from synthsweep.storage.files import write_private
from synthsweep.storage.private import make_private_folder, narrow_folder

FOLDER, KEY = "audit", "key.json"
VERSION = 1
NAMES_SHOWN = 8


def audit_folder(tracking: str, name: str) -> Path:
    """The folder of an audit, whether it exists or not."""
    return Path(tracking) / FOLDER / name


def audits_in(tracking: str) -> list[str]:
    """The names of all audits, sorted."""
    return _names_below(Path(tracking) / FOLDER)


def _names_below(folder: Path) -> list[str]:
    return sorted(file.parent.name for file in folder.glob(f"*/{KEY}"))


def write_audit(audit: Audit, folder: Path) -> bool:
    """Writes an audit and returns whether it is new; writing the same one again changes nothing.

    Raises:
        AuditError: another sample has this name, and its sheets may have been sent.
        ReportError: the folder cannot be written to.
    """
    try:
        if (folder / KEY).exists():
            _require_same(audit, folder)
            return False
        if (folder / ANSWERS).exists():
            raise AuditError(f"{folder} has answers, and no {KEY} that says to what: audit.name=OTHER begins another audit")
        make_private_folder(folder)
        narrow_folder(folder)
        _write(audit, folder)
    except OSError as error:
        raise ReportError(f"{folder}: the audit cannot be written: {error.strerror or error}") from error
    return True


def _require_same(audit: Audit, folder: Path) -> None:
    existing = read_audit(folder)
    if existing.digest != audit.digest:
        raise AuditError(
            f"audit.name={audit.name} is another sample already ({len(existing.items)} items in {folder}): "
            "audit.name=OTHER begins a second one"
        )
    if existing.public and not audit.public:
        # If the corpus is private now, its texts are private, even if it was public when the sample was drawn.
        _write(replace(existing, public=False), folder)


def _write(audit: Audit, folder: Path) -> None:
    write_private(folder / KEY, json.dumps(_as_json(audit), ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))


def read_audit(folder: Path, *, key: str = "audit.name") -> Audit:
    """Reads the audit of a folder; errors name the configuration key `key`.

    Raises:
        AuditError: there is no such audit, or it cannot be read.
    """
    file = folder / KEY
    narrow_folder(folder)
    try:
        return _from_json(json.loads(file.read_text(encoding="utf-8", errors="surrogatepass")))
    except FileNotFoundError:
        names = _names_below(folder.parent)
        others = f"there are {listing(names, NAMES_SHOWN)}" if names else "there is none yet; synthsweep audit export makes one"
        raise AuditError(f"{key}={folder.name}: no such audit below {folder.parent}; {others}") from None
    except OSError as error:
        raise AuditError(f"{file}: the audit cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise AuditError(f"{file} is not an audit: move it away, then export the audit again") from error


def open_answers(folder: Path) -> AnswerStore:
    """The store of an audit's answers."""
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


def _from_json(value: dict[str, Any]) -> Audit:
    if value["version"] != VERSION:
        raise ValueError(value["version"])
    labels = value["labels"]
    criteria = tuple(Criterion(**criterion) for criterion in labels["criteria"])
    return Audit(
        value["name"],
        LabelSet(labels["name"], criteria, labels["text_kind"], labels.get("kind", "multi")),
        tuple(Item(**{**item, "labels": frozenset(item["labels"])}) for item in value["items"]),
        {Stratum(row["llm"], row["prompt"], row["criterion"]): row["texts"] for row in value["strata"]},
        value["seed"],
        tuple(tuple(words) for words in value["pools"]),
        value["public"],
        value["data"],
    )
