"""What a run reads beside its configuration, by digest: files of texts, pools of the user's own, models, audits."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from synthsweep.audit.checker import open_audited
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.llm import LlmConfig, files_of, with_members
from synthsweep.config.keys.run import CONTENT, RunConfig
from synthsweep.corpus.hub import commit_of
from synthsweep.corpus.load import DEMO, is_folder, source_files
from synthsweep.errors import StudyError
from synthsweep.generate.offline.recorded import SHIPPED
from synthsweep.pretrained import content_of, digest_of_file
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
    pools = _files_of(config.llm) if synthetic else ()
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
    return digest_of_file(file)[:DIGITS] if file.is_file() else ""


def _models(config: RunConfig, *, synthetic: bool) -> Iterator[tuple[str, str]]:
    """Name and content of each model; that of the encoder with its revision, if one is asked for."""
    values = flat(plain(config))
    for key, content in contents_of_models(config, synthetic=synthetic).items():
        revision = values.get("model.revision") if key == ENCODER else None
        yield f"{values.get(key, key)}{f' at {revision}' if revision else ''}", content


def _name_of(file: Path | str) -> str:
    # The shipped files lie elsewhere on every machine.
    shipped = {DEMO: "the demo corpus", SHIPPED: "llm=recorded"}
    return f"{CONTENT}{shipped.get(Path(file), file)}"


def _files_of(llm: LlmConfig) -> Iterator[Path]:
    """The files of an LLM's recorded texts, and of those of its members."""
    for one in with_members(vars(llm)):
        if one.get("kind", "recorded") == "recorded":
            own = files_of(one.get("path"))
            yield from map(named_path, own.values()) if own else [SHIPPED]
