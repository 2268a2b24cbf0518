"""Where conf/ and sweeps/ are: beside the sources in a checkout, inside the package once installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


def shipped(name: str) -> Path:
    """The project's own `conf` or `sweeps` folder."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent.parent / name


def own(name: str) -> Path | None:
    """The current folder's `conf` or `sweeps`, if it has one that is not the shipped one."""
    folder = here(name)
    return folder if folder and folder.resolve() != shipped(name) else None


def here(name: str) -> Path | None:
    """The current folder's `conf` or `sweeps`, be it the shipped one: in a checkout a user writes files there, too."""
    folder = Path.cwd() / name
    return folder if folder.is_dir() else None
