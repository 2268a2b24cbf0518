"""What has one home, because written twice it is wrong in one of the two places."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"


def imports_of(file: Path) -> set[str]:
    """Every module, and every name of a module, that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("shlex", {"synthsweep/config/commands.py"}),
        ("rich.markup", set()),
    ],
)
def test_only_its_home_imports_it(name: str, home: set[str]) -> None:
    """Quoting for a shell; nothing reads or escapes markup, since the one console reads none."""

    files = {file.relative_to(SOURCE).as_posix() for file in SOURCE.rglob("*.py") if name in imports_of(file)}

    assert files == home


@pytest.mark.slow
def test_only_one_place_opens_a_console() -> None:
    """Others name its type alone."""

    calls = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in {"Console", "from_markup"}
    }

    assert calls == {"synthsweep/display/console.py"}
