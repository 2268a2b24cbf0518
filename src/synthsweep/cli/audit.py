"""`synthsweep audit`, `audit export`, `audit review`, `audit import`, once Hydra has composed their configuration."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import DictConfig

from synthsweep.cli.single import require_single
from synthsweep.config.commands import assign, command_line, for_shell, of_section
from synthsweep.config.compose.explain import COMPOSITION_ERRORS, explain
from synthsweep.config.compose.given import given_command, given_overrides
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.compose.register import frozen, without_hydra
from synthsweep.config.keys.audit import AuditConfig, AuditExportConfig, AuditImportConfig, AuditReviewConfig, AuditSettings
from synthsweep.errors import AuditError, ConfigError, SynthsweepError

if TYPE_CHECKING:
    from synthsweep.audit.items import Answer, Audit
    from synthsweep.audit.stats.findings import Findings
    from synthsweep.progress import Progress

Root = TypeVar("Root", AuditExportConfig, AuditImportConfig)
# Overrides of the command itself. The others describe how a pool is read, and are used again to read it later.
NOT_OF_A_POOL = ("audit.", "audit=", "tracking", "hydra")


def audit(node: DictConfig) -> None:
    """`synthsweep audit`: lists the audits and how far each is."""
    config = frozen(node, AuditConfig)
    from synthsweep.audit.folder import audit_folder, audits_in, open_answers, read_audit
    from synthsweep.display.audit import print_audits

    readable, errors = [], []
    for name in audits_in(config.tracking.folder):
        folder = audit_folder(config.tracking.folder, name)
        try:
            readable.append((read_audit(folder), open_answers(folder).all()))
        except SynthsweepError as error:
            # One broken audit must not hide the others.
            errors.append(str(error))
    print_audits(readable, errors, _tracking_overrides())


def audit_export(node: DictConfig) -> None:
    """`synthsweep audit export`: draws the sample and writes it as a sheet."""
    _require_single_run("export")
    # Each pool is composed from its own overrides: the node of this command alone may describe none of them.
    overrides = given_overrides()
    pools = _overrides_per_pool(frozen(node.audit, AuditSettings), overrides)
    own = [override for override in overrides if _is_of_the_command(override)]
    configs = [_compose("audit_export", [*pool, *own], AuditExportConfig) for pool in pools]
    config = configs[0]
    from synthsweep.audit.folder import audit_folder, write_audit
    from synthsweep.audit.sample import draw_audit
    from synthsweep.audit.sheets.files import sheet_path, write_sheet
    from synthsweep.corpus.corpus import require_files
    from synthsweep.display.audit import print_export
    from synthsweep.display.screen import Screen
    from synthsweep.progress import Stage
    from synthsweep.run.audit_pools import read_pools

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
    written = write_sheet(drawn, sheet)
    print_export(drawn, config.audit, folder, sheet, new=new, written=written, more=_tracking_overrides())


def audit_review(node: DictConfig) -> None:
    """`synthsweep audit review`: serves the page until Ctrl-C."""
    config = frozen(node, AuditReviewConfig)
    from synthsweep.audit.folder import audit_folder, open_answers, read_audit
    from synthsweep.display.audit import next_command, print_reviewed
    from synthsweep.loopback import HOST, require_free

    folder = audit_folder(config.tracking.folder, config.audit.name)
    drawn, store = read_audit(folder), open_answers(folder)
    require_free(config.audit.port, "audit.port")
    from synthsweep.audit.page.server import serve

    print(f"Review: http://{HOST}:{config.audit.port}/  (Ctrl-C ends it; every answer is kept at once)", flush=True)
    serve(drawn, store, config.audit.port, next_command("import", drawn, _tracking_overrides()))
    print_reviewed(drawn, store.all(), _tracking_overrides())


def audit_import(node: DictConfig) -> None:
    """`synthsweep audit import`: reads filled sheets, if any; computes, reports and tracks the findings."""
    _require_single_run("import")
    config = frozen(node, AuditImportConfig)
    from synthsweep.audit.folder import audit_folder, open_answers, read_audit
    from synthsweep.display.audit import print_import

    folder = audit_folder(config.tracking.folder, config.audit.name)
    drawn, store = read_audit(folder), open_answers(folder)
    if not config.data.public:
        # A corpus that was public when the sample was drawn may be private now.
        drawn = replace(drawn, public=False)
    from synthsweep.display.screen import Screen
    from synthsweep.progress import Stage

    with Screen() as screen:
        added = store.add(_read_sheets(config, drawn), replace=config.audit.replace)
        if not store.all():
            review = command_line("audit review", assign("audit.name", drawn.name))
            raise AuditError(
                f"audit.name={drawn.name}: nobody has answered yet; {review}, or give a filled sheet: audit.path=FILE"
            )
        findings = _compute_findings(config, drawn, store.all(), screen)
        page = _write_report(findings, folder, demo=drawn.data == "demo")
        screen(Stage("keeping it" if config.tracking.kind != "none" else "kept nowhere else: tracking=none"))
        run = _track(config, findings)
    print_import(findings, page, added=added, run=run, tracking=config.tracking, more=_tracking_overrides())


def _require_single_run(verb: str) -> None:
    way_out = "name its pools with audit.llms=[A,B] audit.prompts=[X,Y]" if verb == "export" else "leave -m out"
    require_single(f"an audit is one sample of all its pools: {way_out}")


def _overrides_per_pool(settings: AuditSettings, overrides: Sequence[str]) -> list[list[str]]:
    """The overrides that read each pool: every combination of `llms`, `prompts` and `paths`."""
    axes = {"llm": settings.llms, "prompt": settings.prompts, "llm.path": settings.paths}
    varied = {key for key, values in axes.items() if values}
    shared = [override for override in overrides if not _is_of_the_command(override) and key_of(override) not in varied]
    choices = [[assign(key, value) for value in values] or [""] for key, values in axes.items()]
    return [[*shared, *filter(None, chosen)] for chosen in product(*choices)]


def _is_of_the_command(override: str) -> bool:
    return override.lstrip("+~").startswith(NOT_OF_A_POOL)


def _tracking_overrides() -> str:
    """The overrides of tracking, which the next command must repeat, after a space; empty if there are none."""
    overrides = of_section("tracking", given_overrides())
    return f" {for_shell(*overrides)}" if overrides else ""


def _compose(root: str, overrides: Sequence[str], kind: type[Root]) -> Root:
    loader = GlobalHydra.instance().config_loader()
    try:
        node = loader.load_configuration(root, list(overrides), RunMode.RUN)
    except COMPOSITION_ERRORS as error:
        # Inside a job, Hydra would print a line of its own first.
        raise ConfigError(explain(error, root)) from error
    return frozen(without_hydra(node), kind)


def _read_sheets(config: AuditImportConfig, drawn: "Audit") -> "list[Answer]":
    from synthsweep.audit.sheets.files import read_sheets

    return read_sheets(drawn, config.audit.words("path"), config.audit.words("rater"), partial=config.audit.partial)


def _compute_findings(
    config: AuditImportConfig, drawn: "Audit", answers: "Sequence[Answer]", progress: "Progress"
) -> "Findings":
    """With a label check, its verdicts on the whole pools are combined with the answers."""
    from synthsweep.audit.stats.findings import compute_findings

    if config.curation.label_check == "none":
        return compute_findings(drawn, answers)
    from synthsweep.run.audit_pools import judge_pools

    own = [override for override in given_overrides() if not override.lstrip("+~").startswith(("audit.", "audit="))]
    replaced = {key_of(override) for override in own}
    pools = [[override for override in pool if key_of(override) not in replaced] for pool in drawn.pools]
    configs = [_compose("audit_import", [*pool, *own], AuditImportConfig) for pool in pools]
    return compute_findings(drawn, answers, judge_pools(configs, drawn, progress))


def _write_report(findings: "Findings", folder: Path, *, demo: bool) -> Path:
    from synthsweep.audit.report.page import write_report

    command = given_command("audit import", *given_overrides())
    return write_report(findings, folder, command=command, demo=demo)


def _track(config: AuditImportConfig, findings: "Findings") -> str:
    """The id of the tracked run; empty with tracking=none."""
    from synthsweep.run.record.audit import track_audit
    from synthsweep.track.choose import open_store

    return "" if config.tracking.kind == "none" else track_audit(findings, open_store(config.tracking))
