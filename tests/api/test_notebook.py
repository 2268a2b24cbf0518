"""The notebook of the guide, in a kernel of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

import synthsweep
from support.builders import Answer
from support.patience import LIMIT_S

NOTEBOOK = Path(synthsweep.__file__).parent / "guide/notebook.ipynb"
# The tables of the notebook, and a study in another thread than the kernel's main one, which finds its one run finished.
APPENDED = """
from concurrent.futures import ThreadPoolExecutor

for name, table in answer.tables.items():
    table.to_csv(f"{name}.csv", index=False)
with ThreadPoolExecutor(1) as pool:
    again = pool.submit(synthsweep.sweep, ["experiment=ci", "tracking.figures=false", "study=thread", "mix.ratio=1"]).result()
print(again.runs()["reused_from"].tolist() == [with_texts.run_id])
"""


def read() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_notebook_is_kept_without_outputs() -> None:
    """They would be those of somebody's machine."""
    cells = [cell for cell in read().cells if cell.cell_type == "code"]

    nbformat.validate(read())
    assert [(cell.id, cell.outputs, cell.execution_count) for cell in cells if cell.outputs or cell.execution_count] == []


def executed(folder: Path) -> dict[str, list[Any]]:
    """Executes the notebook in a folder, and gives the outputs of each cell."""
    import nbclient

    notebook = read()
    for cell in notebook.cells:
        cell.source = cell.source.replace('"experiment=ci", ', '"experiment=ci", "tracking.figures=false", ')
    notebook.cells.append(nbformat.v4.new_code_cell(APPENDED, id="appended"))
    # A failing cell raises CellExecutionError.
    nbclient.NotebookClient(notebook, timeout=LIMIT_S, resources={"metadata": {"path": str(folder)}}).execute()
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def require_shown(outputs: dict[str, list[Any]]) -> None:
    """Tables and a picture; progress as plain lines, nothing on stderr; a run that is finished is reused."""
    said = {name: "".join(one.text for one in found if one.output_type == "stream") for name, found in outputs.items()}
    shown = {name: {kind for one in found for kind in one.get("data", {})} for name, found in outputs.items()}

    tables = {"run-one", "sweep-one", "runs-table", "compare-one", "effects-table", "predictions-table", "pool-table"}
    assert {name for name, kinds in shown.items() if "text/html" in kinds} >= tables
    assert "image/png" in shown["effects-plot"]
    assert [one.text for found in outputs.values() for one in found if one.get("name") == "stderr"] == []
    assert "\x1b" not in "".join(said.values())
    assert "reused: True" in said["run-again"]
    assert outputs["report-page"][-1]["data"]["text/plain"] == "PosixPath('mlruns/reports/notebook/report.html')"
    assert said["appended"].endswith("True\n")
    assert said["generate-forecast"].startswith("14 requests, about ")


@pytest.mark.slow
@pytest.mark.long
def test_every_cell_shows_what_it_is_about_and_the_tables_are_those_of_the_command(
    cli: Callable[..., Answer], tmp_path: Path
) -> None:
    """One execution for both: `synthsweep compare study=notebook` in its folder writes the same digits."""
    outputs = executed(tmp_path)

    require_shown(outputs)
    told = cli("compare", "study=notebook")
    files = sorted(Path("mlruns/reports/notebook/tables").glob("*.csv"))

    assert told.status == 0, told.err
    assert sorted(path.name for path in files) == sorted(path.name for path in tmp_path.glob("*.csv"))
    for path in files:
        pd.testing.assert_frame_equal(pd.read_csv(path.name), pd.read_csv(path), check_exact=True, obj=path.name)
