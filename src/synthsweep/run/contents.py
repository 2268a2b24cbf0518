"""What a run reads beside its configuration, by digest: files of texts, pools of the user's own, models, audits."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from synthsweep.audit.checker import open_audited
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import RunConfig
from synthsweep.corpus.hub import commit_of
from synthsweep.corpus.load import DEMO, is_folder, source_files
from synthsweep.errors import StudyError
from synthsweep.generate.offline.recorded import SHIPPED
from synthsweep.pretrained import content_of
from synthsweep.run.models import ENCODER, contents_of_models
from synthsweep.storage.paths import named_path

# Hexadecimal digits that are shown and kept.
DIGITS = 12


def contents_of(config: RunConfig, *, all_of_them: bool = False) -> dict[str, str]:
    """The digest of each input that acts on the run, by its name for a reader; a file that is missing has none.

    With `all_of_them`, also of inputs that the configuration names and that do not act with its other keys.

    Raises:
        AuditError: there is no audit of that name.
    """
    synthetic = config.mix.reads_pool or all_of_them
    pools = _files_of(vars(config.llm)) if synthetic else ()
    files = {_name_of(file): file for file in (*source_files(config.data), *pools)}
    found = {name: digest for name, file in files.items() if (digest := file_digest(file))}
    if config.data.kind == "hub" and config.data.path and not is_folder(config.data):
        commit = commit_of(config.data.path, config.data.revision)
        found |= {_name_of(config.data.path): commit[:DIGITS]} if commit else {}
    found |= {_name_of(name): content[:DIGITS] for name, content in _models(config, synthetic=synthetic) if content}
    if all_of_them:
        named = (config.characteristics.embedder, config.characteristics.perplexity)
        found |= {_name_of(name): content[:DIGITS] for name in named if name != "ngram" and (content := content_of(name))}
    if synthetic and config.curation.audit:
        audited = open_audited(config.tracking.folder, config.curation.audit)
        found[f"answers of audit {config.curation.audit}"] = audited.digest[:DIGITS]
    return found


def require_contents(expected: Mapping[str, str], config: RunConfig) -> None:
    """Raises StudyError if something that the run reads is not what it was when its study was planned."""
    for name, now in (contents_of(config) if expected else {}).items():
        before = expected.get(name, now)
        if before != now:
            raise StudyError(
                f"{name} was {before} when the study began and is {now} now: "
                "restore it and give the command again, or take another name with study=NAME"
            )


def file_digest(file: Path) -> str:
    """Digest of a file's content; empty if there is no such file."""
    try:
        about = file.stat()
    except OSError:
        return ""
    return _digest(file, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino) if file.is_file() else ""


@lru_cache(maxsize=1000)
def _digest(file: Path, *state: int) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()[:DIGITS]


def _models(config: RunConfig, *, synthetic: bool) -> Iterator[tuple[str, str]]:
    """Name and content of each model; that of the encoder with its revision, if one is asked for."""
    values = flat(plain(config))
    for key, content in contents_of_models(config, synthetic=synthetic).items():
        revision = values.get("model.revision") if key == ENCODER else None
        yield f"{values.get(key, key)}{f' at {revision}' if revision else ''}", content


def _name_of(file: Path | str) -> str:
    # The shipped files lie elsewhere on every machine.
    shipped = {DEMO: "the demo corpus", SHIPPED: "llm=recorded"}
    return f"content of {shipped.get(Path(file), file)}"


def _files_of(llm: Mapping[str, Any]) -> Iterator[Path]:
    """The files of an LLM's recorded texts, and of those of its members."""
    for member in (llm.get("members") or {}).values():
        yield from _files_of(member)
    if llm.get("kind", "recorded") == "recorded":
        yield named_path(llm["path"]) if llm.get("path") else SHIPPED
