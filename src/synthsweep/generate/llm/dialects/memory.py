"""What each endpoint was found to refuse, kept beside the replies for a week, so that the next command need not find out."""

import contextlib
import json
import logging
import os
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.llm.dialects.dialect import Dialect

log = logging.getLogger(__name__)

FILE = "dialects.json"
# Servers learn: after that, they are asked in full again.
KEPT = timedelta(days=7)


class DialectMemory:
    """The dialects in the tracking folder `folder`; without one, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.path = folder / FILE if folder else None

    def recall(self, llm: LlmConfig, asked: Dialect) -> Dialect:
        """The dialect that an endpoint answered in, where it is not older than a week; else the one that is asked for."""
        try:
            kept = self._read()[_place(llm, asked)]
            dialect = Dialect(**{**kept["dialect"], "left_out": tuple(kept["dialect"]["left_out"])})
            found_on = datetime.fromisoformat(kept["on"])
            if not timedelta(0) <= datetime.now(UTC) - found_on < KEPT or dialect == asked:
                return asked
        except (LookupError, TypeError, ValueError):
            return asked
        changes = ", ".join(differences(asked, dialect))
        log.warning("%s: asking with %s, as it was found on %s (%s)", llm.choice, changes, kept["on"][:10], self.path)
        return dialect

    def keep(self, llm: LlmConfig, asked: Dialect, dialect: Dialect) -> None:
        """Keeps a dialect that an endpoint has answered in; a folder that cannot be written to is no error."""
        if self.path is None:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = {**self._read(), _place(llm, asked): {"dialect": asdict(dialect), "on": now}}
        with contextlib.suppress(OSError):
            _replace(self.path, json.dumps(kept, indent=1, sort_keys=True))

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8")) if self.path else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def differences(asked: Dialect, dialect: Dialect) -> list[str]:
    """What is not as the configuration has it: `reply_format=json_object`, `no temperature`."""
    found = [
        f"{name}={getattr(dialect, name)}"
        for name in ("api", "reply_format", "token_limit_key", "top_logprobs")
        if getattr(asked, name) != getattr(dialect, name)
    ]
    return [*found, *(f"no {name}" for name in dialect.left_out), *([] if dialect.system else ["no system message"])]


def _place(llm: LlmConfig, asked: Dialect) -> str:
    return f"{llm.base_url} {llm.model} {asked.api} {asked.reply_format} {asked.token_limit_key}"


def _replace(path: Path, text: str) -> None:
    # Two commands may write at once: the last one wins, and neither leaves half a file.
    handle, part = tempfile.mkstemp(prefix=".dialects-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(part).replace(path)
