"""`synthsweep audit`, `audit export`, `audit review`, `audit import`: what they do once Hydra has composed their keys."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict

from synthsweep.config.audit import AuditConfig, AuditExportConfig, AuditImportConfig, AuditReviewConfig, AuditSettings
from synthsweep.config.explain import COMPOSITION_ERRORS, explain
from synthsweep.config.grammar import word
from synthsweep.config.register import frozen
from synthsweep.errors import AuditError, ConfigError, Refusal, SynthsweepError
from synthsweep.messages import without_password

if TYPE_CHECKING:
    from synthsweep.audit.items import Answer, Audit
    from synthsweep.audit.stats.findings import Findings
    from synthsweep.progress import Progress

Root = TypeVar("Root", AuditExportConfig, AuditImportConfig)
# A pool is read again by what it was read with; where things are kept is the command's own.
NOT_OF_A_POOL = ("audit.", "audit=", "tracking", "hydra")


def audit(node: DictConfig) -> None:
    """`synthsweep audit`: the audits that there are, and how far each is."""
    config = frozen(node, AuditConfig)
    from synthsweep.audit.folder import audit_folder, audits_in, open_answers, read_audit
    from synthsweep.display.audit import print_audits

    found, broken = [], []
    for name in audits_in(config.tracking.folder):
        folder = audit_folder(config.tracking.folder, name)
        try:
            found.append((read_audit(folder), open_answers(folder).all()))
        except SynthsweepError as error:
            # One that cannot be read hides no other.
            broken.append(str(error))
    print_audits(found, broken, _more())


def audit_export(node: DictConfig) -> None:
    """`synthsweep audit export`: draws the sample, and writes it as a sheet."""
    _require_single("export")
    # The pools are named by more than the root's own keys, which alone may describe none.
    overrides = list(HydraConfig.get().overrides.task)
    pools = _pools(frozen(node.audit, AuditSettings), overrides)
    kept_there = [word for word in overrides if word.lstrip("+~").startswith(NOT_OF_A_POOL)]
    configs = [_composed("audit_export", [*words, *kept_there], AuditExportConfig) for words in pools]
    config = configs[0]
    from synthsweep.audit.folder import audit_folder, write_audit
    from synthsweep.audit.sample import draw_audit
    from synthsweep.audit.sheets.files import sheet_path, write_sheet
    from synthsweep.corpus.parts import require_files
    from synthsweep.display.audit import print_export
    from synthsweep.display.screen import Screen
    from synthsweep.progress import Stage
    from synthsweep.run.pools import read_pools

    require_files(config.data)
    with Screen() as screen:
        screen(Stage(f"reading {len(pools)} pool{'s' * (len(pools) > 1)}"))
        read = read_pools(configs, screen)
        drawn = draw_audit(
            read.examples, read.corpus.split.train, read.corpus.labels, config.audit,
            seed=config.seed, pools=pools, public=config.data.public, data=config.data.kind,
        )  # fmt: skip
    folder = audit_folder(config.tracking.folder, config.audit.name)
    sheet = sheet_path(folder, config.audit)
    new = write_audit(drawn, folder)
    print_export(drawn, config.audit, folder, sheet, new=new, written=write_sheet(drawn, sheet), more=_more())


def audit_review(node: DictConfig) -> None:
    """`synthsweep audit review`: the page, until somebody ends it."""
    config = frozen(node, AuditReviewConfig)
    from synthsweep.audit.folder import audit_folder, open_answers, read_audit
    from synthsweep.display.audit import next_command, print_reviewed
    from synthsweep.loopback import HOST, require_free

    folder = audit_folder(config.tracking.folder, config.audit.name)
    asked, store = read_audit(folder), open_answers(folder)
    require_free(config.audit.port, "audit.port")
    from synthsweep.audit.page.server import serve

    print(f"Review: http://{HOST}:{config.audit.port}/  (Ctrl-C ends it; every answer is kept at once)", flush=True)
    serve(asked, store, config.audit.port, next_command("import", asked, _more()))
    print_reviewed(asked, store.all(), _more())


def audit_import(node: DictConfig) -> None:
    """`synthsweep audit import`: takes filled sheets, if any, and says what all answers say."""
    _require_single("import")
    config = frozen(node, AuditImportConfig)
    from synthsweep.audit.folder import audit_folder, open_answers, read_audit
    from synthsweep.display.audit import print_import

    folder = audit_folder(config.tracking.folder, config.audit.name)
    asked, store = read_audit(folder), open_answers(folder)
    if not config.data.public:
        # What was public when the sample was drawn may be private now.
        asked = replace(asked, public=False)
    from synthsweep.display.screen import Screen
    from synthsweep.progress import Stage

    with Screen() as screen:
        added = store.add(_sheets(config, asked), replace=config.audit.replace)
        if not store.all():
            raise AuditError(
                f"audit.name={asked.name}: nobody has answered yet; synthsweep audit review audit.name={asked.name}, "
                "or give a filled sheet: audit.path=FILE"
            )
        found = _found(config, asked, store.all(), screen)
        page = _report(found, folder, demo=asked.data == "demo")
        screen(Stage("keeping it" if config.tracking.kind != "none" else "kept nowhere else: tracking=none"))
        run = _track(config, found)
    print_import(found, page, added=added, run=run, tracking=config.tracking, more=_more())


def _require_single(verb: str) -> None:
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        way = "name its pools with audit.llms=[A,B] audit.prompts=[X,Y]" if verb == "export" else "leave -m out"
        # Past Hydra, which would put a line of its own before ours.
        raise Refusal(ConfigError(f"-m: an audit is one sample of all its pools: {way}"))


def _pools(settings: AuditSettings, overrides: Sequence[str]) -> list[list[str]]:
    """The overrides that read each pool: all combinations of `llms`, `prompts` and `paths`."""
    axes = {"llm": settings.llms, "prompt": settings.prompts, "llm.path": settings.paths}
    shared = [word for word in overrides if not word.lstrip("+~").startswith(NOT_OF_A_POOL)]
    for key, values in axes.items():
        if values:
            shared = [word for word in shared if _key(word) != key]
    choices = [[f"{key}={word(value)}" for value in values] or [""] for key, values in axes.items()]
    return [[*shared, *filter(None, words)] for words in product(*choices)]


def _key(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")


def _more() -> str:
    """What the next command must say as this one did: where things are kept."""
    words = [word for word in HydraConfig.get().overrides.task if word.startswith("tracking")]
    return without_password(f" {shlex.join(words)}") if words else ""


def _composed(root: str, overrides: Sequence[str], kind: type[Root]) -> Root:
    loader = GlobalHydra.instance().config_loader()
    try:
        node = loader.load_configuration(root, list(overrides), RunMode.RUN)
    except COMPOSITION_ERRORS as error:
        # Inside a job Hydra would print a line of its own first.
        raise ConfigError(explain(error, root)) from error
    with open_dict(node):
        del node["hydra"]
    return frozen(node, kind)


def _sheets(config: AuditImportConfig, asked: "Audit") -> "list[Answer]":
    """Every answer of every sheet, all of them read before any is kept."""
    from synthsweep.audit.sheets.files import read_sheets

    return read_sheets(asked, config.audit.words("path"), config.audit.words("rater"), partial=config.audit.partial)


def _found(config: AuditImportConfig, asked: "Audit", answers: "Sequence[Answer]", progress: "Progress") -> "Findings":
    from synthsweep.audit.stats.findings import compute_findings

    if config.curation.label_check == "none":
        return compute_findings(asked, answers)
    from synthsweep.run.pools import judge_pools

    own = [word for word in HydraConfig.get().overrides.task if not word.lstrip("+~").startswith(("audit.", "audit="))]
    keys = {_key(word) for word in own}
    kept = [[word for word in words if _key(word) not in keys] for words in asked.pools]
    configs = [_composed("audit_import", [*words, *own], AuditImportConfig) for words in kept]

    return compute_findings(asked, answers, judge_pools(configs, asked, progress))


def _report(found: "Findings", folder: Path, *, demo: bool) -> Path:
    from synthsweep.audit.report.page import write_report

    command = without_password(shlex.join(["synthsweep", "audit", "import", *HydraConfig.get().overrides.task]))
    return write_report(found, folder, command=command, demo=demo)


def _track(config: AuditImportConfig, found: "Findings") -> str:
    """The id of the run that keeps it, empty where nothing is kept."""
    from synthsweep.run.record_audit import track_audit
    from synthsweep.track.choose import tracker_of

    return "" if config.tracking.kind == "none" else track_audit(found, tracker_of(config.tracking))
