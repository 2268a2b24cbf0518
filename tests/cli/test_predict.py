"""`synthsweep predict`: the recorded predictions again, refusals, and a command that is killed."""

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from support.builders import Answer

TRAINED = ("experiment=ci", "tracking.log_model=true", "tracking.figures=false", "characteristics=none", "study=kept")


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run=best:x"], "data.path must name the file of new texts"),
        (["data.path=new.csv"], "run must name the classifier"),
        (
            ["run=x", "data.path=new.csv", "out=labels.txt"],
            "out must be a name that ends in .csv, .jsonl, .parquet; got 'labels.txt'",
        ),
        (["run=x", "data.path=new.csv", "threshold=dev_f1"], "threshold must be a number in [0, 1] or one per label"),
        (["run=x", "data.path=new.csv", "out=.csv"], "out must be a name that ends in .csv, .jsonl, .parquet; got '.csv'"),
        (["run=x", "data.path=new.csv", "out=labels.csv.parquet.d"], "out must be a name"),
        (["run=.", "data.path=new.csv", "out=new.csv", "force=true"], "out=new.csv: this is the file of the texts itself"),
        (["run=.", "data.path=new.csv", "out=folder.csv", "force=true"], "out=folder.csv: this is a folder"),
        (
            ["run=x", "data.path=new.csv", "threshold=1.5"],
            "threshold must be a number in [0, 1], got 1.5: write 0.015 for 1.5 %",
        ),
        (["run=x", "data.path=new.csv", "threshold={A1: high}"], "threshold.A1 must be a number in [0, 1], got high"),
        (["run=x", "data=hub", "data.path=a/b"], "data=hub: new texts are read from a file here"),
        (["run=best:x", "data.path=new.csv"], "there are no runs yet"),
        (["-m", "run=x", "data.path=new.csv"], "-m: synthsweep predict writes one file"),
        (["run=.", "data.path=gone.csv"], "gone.csv is not a file here"),
        (["run=.", "data.path=new.csv", "out=labels.csv"], "this folder holds no classifier of synthsweep"),
        (["run=.", "data.path=new.csv", "out=there.csv"], "out=there.csv: this file exists"),
    ],
)
def test_what_cannot_be_predicted_is_one_line(cli: Callable[..., Answer], words: list[str], message: str) -> None:
    """With status 2, and no file is left."""
    Path("new.csv").write_text("text\nhe lines up cars\n")
    Path("there.csv").write_text("")
    Path("folder.csv").mkdir()
    answer = cli("predict", *words)

    assert answer.status == 2, answer.err
    assert message in answer.err[-1]
    assert not list(Path().glob("*labels*"))
    assert Path("new.csv").read_text() == "text\nhe lines up cars\n"


@pytest.mark.slow
def test_the_recorded_predictions_come_again_and_a_killed_command_goes_on(cli: Callable[..., Answer]) -> None:
    """Of every text of test, to 1e-6, with the recorded thresholds; by the run's ID, too."""
    assert cli("run", *TRAINED).status == 0
    (model,) = Path().glob("mlruns/artifacts/*/*/artifacts/model")
    run_id = model.parts[-3]

    assert cli("predict", f"run={run_id}", "data=demo", "out=labels.csv").status == 0
    found = {row["id"]: row for row in rows("labels.csv")}
    recorded = parquet.read_table(model.parent / "predictions.parquet").to_pylist()
    for row in recorded:
        own = found[row["id"]]
        for label in ("A1", "A2", "A3", "B1", "B2", "B3", "B4"):
            assert abs(float(own[f"probability/{label}"]) - row[f"probability/{label}"]) < 1e-6

    many = [f'"{number} lines up cars"' for number in range(3 * 4096 + 7)]
    Path("many.csv").write_text("text\n" + "\n".join(many) + "\n")
    command = [sys.executable, "-m", "synthsweep", "predict", f"run={model}", "data.path=many.csv", "out=many_labels.csv"]
    parts = Path(".many_labels.csv.parts")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(parts.glob("*.parquet")):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert not Path("many_labels.csv").exists()

    answer = cli("predict", f"run={model}", "data.path=many.csv", "out=many_labels.csv")
    assert answer.status == 0, answer.err
    assert any("of an unfinished command kept" in line for line in answer.err)
    assert [int(row["row"]) for row in rows("many_labels.csv")] == list(range(2, len(many) + 2))
    assert not parts.exists()
    once = cli("predict", f"run={model}", "data.path=many.csv", "out=once.csv")
    assert once.status == 0
    pairs = zip(rows("many_labels.csv"), rows("once.csv"), strict=True)
    assert all(np.isclose(float(a["probability/A1"]), float(b["probability/A1"]), atol=1e-6) for a, b in pairs)
