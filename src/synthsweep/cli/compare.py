"""`synthsweep compare` and `synthsweep compare power`, once Hydra has composed their configuration."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from synthsweep.config.compose.given import given_command, given_overrides
from synthsweep.config.compose.register import frozen
from synthsweep.config.roots import CompareConfig, PowerConfig
from synthsweep.errors import ReportError, StudyError, TrackingError
from synthsweep.messages import listing
from synthsweep.progress import Progress, Stage

if TYPE_CHECKING:
    from synthsweep.compare.report.question import ReportQuestion
    from synthsweep.compare.result.comparison import Comparison
    from synthsweep.track.reader import RunReader

REPORTS = "reports"
STUDIES_SHOWN = 8


def compare(node: DictConfig) -> None:
    """`synthsweep compare`: reads the runs, compares them, and writes the report, also to the study's run."""
    config = frozen(node, CompareConfig)
    from synthsweep.compare.report.reports import kept_reports
    from synthsweep.display.compare import print_comparison
    from synthsweep.display.console import open_console
    from synthsweep.display.screen import Screen

    with Screen() as screen:
        comparison = compute(config, screen)
        kept = keep_report(config, comparison, screen)
    others = len(kept_reports(kept.index.parent)) - 1
    print_comparison(open_console(), comparison, kept.page, not_kept=kept.lacking, index=kept.index, others=others)


@dataclass(frozen=True)
class WrittenReport:
    """A report on the disk; `lacking` says why the study's run in MLflow has no copy, and is empty if it has one."""

    page: Path
    index: Path
    lacking: str


def compute(config: CompareConfig, progress: Progress) -> "Comparison":
    """Compares the studies that a configuration names; nothing is written."""
    from synthsweep.track.choose import existing_reader

    progress(Stage("opening the tracking store"))
    reader = existing_reader(config.tracking)
    _require_question(config, reader)
    from synthsweep.compare.comparison import compare_studies

    return compare_studies(config, reader, progress, _command())


def keep_report(config: CompareConfig, comparison: "Comparison", progress: Progress) -> WrittenReport:
    """Writes the report of a comparison below tracking.folder, and adds it to the study's run.

    Raises:
        ReportError: it cannot be written.
    """
    from synthsweep.compare.report.question import question_of
    from synthsweep.compare.report.reports import write_answer
    from synthsweep.track.choose import existing_reader

    progress(Stage("writing the report"))
    question, reports = question_of(config), Path(config.tracking.folder) / REPORTS
    try:
        page, index = write_answer(comparison, question, reports)
    except OSError as error:
        raise ReportError(f"{question.folder(reports)}: the report cannot be written: {error.strerror or error}") from error
    return WrittenReport(page, index, _keep(existing_reader(config.tracking), comparison, page.parent, question))


def _require_question(config: CompareConfig, reader: "RunReader") -> None:
    if config.words("study") or config.compare.filter:
        return
    names = reader.studies()
    none = "there is none yet; synthsweep run -m sweeps=demo makes one"
    studies = f"there are {listing(names, STUDIES_SHOWN)}" if names else none
    raise StudyError(f"study must name what is compared, as in synthsweep compare study=NAME; {studies}")


def _command() -> str:
    return given_command("compare", *given_overrides())


def _keep(reader: "RunReader", comparison: "Comparison", folder: Path, question: "ReportQuestion") -> str:
    """Adds the report to the studies' runs and its sentences to their pages; returns why this fails, empty if it does not."""
    from synthsweep.compare.read.runs import read_heads
    from synthsweep.compare.report.note import with_answer
    from synthsweep.compare.report.reports import files_of

    place = question.artifact_path
    try:
        heads = read_heads(reader, [study for study in comparison.studies if study])
        reader.add_report(folder, files_of(folder), [head.run_id for head in heads], place)
        for head in heads:
            reader.describe(head.run_id, with_answer(comparison, question.text, head.note, f"run:{head.run_id}/{place}"))
    except (TrackingError, StudyError) as error:
        return str(error)
    return ""


def compare_power(node: DictConfig) -> None:
    """`synthsweep compare power`: the smallest effect that a study could detect, before it runs; with -m, in the sweeper."""
    frozen(node, PowerConfig)
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    from synthsweep.sweep.plan import make_plan, read_settings
    from synthsweep.sweep.power import print_power
    from synthsweep.sweep.study_name import with_name

    chosen = HydraConfig.get().overrides
    loader = GlobalHydra.instance().config_loader()
    whole = loader.load_configuration("compare_power", [*chosen.hydra, *given_overrides()], RunMode.RUN)
    given: dict[str, Any] = OmegaConf.to_container(whole.hydra.sweeper, resolve=True)  # type: ignore[assignment]
    settings = read_settings({key: value for key, value in given.items() if not key.startswith("_")})
    print_power(with_name(make_plan(settings, whole, loader, given_overrides()), whole), given_overrides())
