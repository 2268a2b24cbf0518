"""`import synthsweep`: quick, and both a package and what it offers a notebook."""

import inspect
import subprocess
import sys

import pytest

import synthsweep
import synthsweep.run.experiment
from support.patience import LIMIT_S
from synthsweep import api
from synthsweep.errors import ConfigError

HEAVY = ("pandas", "numpy", "hydra", "omegaconf", "torch", "mlflow", "optuna", "rich", "synthsweep.api", "synthsweep.config")


def test_the_package_imports_nothing_that_takes_long() -> None:
    """What a function needs, it imports when it is called."""

    script = f"import sys, synthsweep; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=LIMIT_S)

    assert done.stdout == "[]\n"


def test_every_function_is_found_on_the_package() -> None:
    """Before anything else is imported, and with completion."""

    script = "import synthsweep; print([getattr(synthsweep, name).__name__ for name in synthsweep._API])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=LIMIT_S)

    functions = sorted(name for name in api.__all__ if inspect.isfunction(getattr(api, name)))
    assert done.stdout == f"{functions}\n"
    assert set(functions) < set(dir(synthsweep))


def test_a_folder_with_the_name_of_a_function_is_both() -> None:
    """`synthsweep.run` is the folder of the sources and the function, whichever was imported first."""

    assert synthsweep.run.experiment is sys.modules["synthsweep.run.experiment"]  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match=r"-m: synthsweep\.sweep"):
        synthsweep.run(["-m"])


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'train_all'"):
        synthsweep.train_all  # noqa: B018
