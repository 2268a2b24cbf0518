"""`synthsweep inspect`, once Hydra has composed its configuration."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from synthsweep.cli.single import ONE_CHOICE, require_single
from synthsweep.config.compose.given import given_command, given_overrides
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.compose.register import frozen
from synthsweep.config.roots import InspectConfig
from synthsweep.errors import ReportError
from synthsweep.pages.folder_name import folder_name
from synthsweep.storage.paths import named_path
from synthsweep.storage.private import narrow_folder

if TYPE_CHECKING:
    from synthsweep.inspect.inspection import Inspection

FOLDER = "inspect"


def inspect(node: DictConfig) -> None:
    """`synthsweep inspect`: reads the pool, compares it with the real texts, and writes the page."""
    require_single(f"synthsweep inspect looks at one pool; {ONE_CHOICE}")
    config = frozen(node, InspectConfig)
    from synthsweep.corpus.corpus import require_files

    require_files(config.data)
    from synthsweep.display.console import open_console
    from synthsweep.display.inspect import print_inspection

    found, page = _inspect(config)
    print_inspection(open_console(), found, page)


def _inspect(config: InspectConfig) -> "tuple[Inspection, Path]":
    from dataclasses import replace

    from synthsweep.display.screen import Screen
    from synthsweep.inspect.report.page import write_page
    from synthsweep.inspect.survey import survey
    from synthsweep.progress import Stage
    from synthsweep.run.collaborators import Collaborators

    with Screen() as screen:
        found = survey(config, Collaborators(progress=screen))
        screen(Stage("drawing the page"))
        page = page_path(config)
        command, following = _commands(given_overrides())
        found = replace(found, command=command, following=following)
        try:
            write_page(found, page)
        except OSError as error:
            raise ReportError(f"{page}: the page cannot be written: {error.strerror or error}") from error
    return found, page


def _commands(overrides: Sequence[str]) -> tuple[str, str]:
    """The command that writes this page again, and the command that trains on its pool, without the page's keys."""
    training = [text for text in overrides if not key_of(text).startswith("inspect.")]
    return given_command("inspect", *overrides), given_command("run", *training)


def page_path(config: InspectConfig) -> Path:
    """`mlruns/inspect/DATA-LLM-PROMPT-CURATION.html`: one page per pool and curation."""
    source = config.data.path or config.data.files.train
    own = config.llm.files
    names = (
        Path(source).stem if source else config.data.kind,
        "-".join(Path(file).stem for file in own.values()) if own else f"{config.llm.name}-{config.prompt.variant}",
        *([config.curation.name] if config.curation.name != "default" else []),
        *(["planted"] if config.plant.plants else []),
    )
    folder = named_path(config.inspect.out) if config.inspect.out else Path(config.tracking.folder) / FOLDER
    if not config.inspect.out:
        # Pages of an older version; a folder of the user's own keeps its mode.
        narrow_folder(folder)
    return folder / f"{folder_name('-'.join(names))}.html"
