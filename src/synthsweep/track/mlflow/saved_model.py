"""MLflow's description of a saved classifier, beside its files: signature, input example, loader, requirements.

The loader is a module of synthsweep, which must be installed where the folder is served: windows, truncation and the
temperature then are the code that trained, and no copy of it.
"""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

# Never a text of the corpus.
EXAMPLE = "An invented sentence that stands for the texts to classify."


def add_description(folder: Path, loader: str, labels: Sequence[str], kind: str, requirements: Sequence[str]) -> None:
    """Writes MLmodel, requirements and input example into the folder; `loader` is the module that loads it."""
    with _silent(), tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        import mlflow.pyfunc
        from mlflow.models import Model

        # Only now: MLflow sets up its logging when it is imported.
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        made = Path(name) / "described"
        mlflow.pyfunc.save_model(
            made,
            loader_module=loader,
            signature=_signature(labels, kind),
            input_example=pd.DataFrame({"text": [EXAMPLE]}),
            pip_requirements=list(requirements),
        )
        shutil.copytree(made, folder, dirs_exist_ok=True)
        described = Model.load(folder)
        described.model_size_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        described.save(folder / "MLmodel")


def _signature(labels: Sequence[str], kind: str) -> Any:
    """A column `text` in; probabilities and decisions out; `calibrated` is a parameter."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

    single = [ColSpec(DataType.string, "decision")]
    decisions = single if kind == "single" else [ColSpec(DataType.long, f"decision/{label}") for label in labels]
    return ModelSignature(
        Schema([ColSpec(DataType.string, "text")]),
        Schema([*(ColSpec(DataType.double, f"probability/{label}") for label in labels), *decisions]),
        ParamSchema([ParamSpec("calibrated", DataType.boolean, False)]),
    )


@contextmanager
def _silent() -> Iterator[None]:
    """MLflow warns of type hints of its own, and reports each step."""
    log = logging.getLogger("mlflow")
    level = log.level
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
