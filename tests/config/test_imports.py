"""What a start costs: the modules that a fresh interpreter has imported after it."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "transformers", "mlflow", "datasets", "sklearn", "optuna", "openai", "pandas", "pyarrow", "matplotlib"}
COMPOSE = """
from hydra import compose, initialize_config_dir
from synthsweep.config.compose.explain import explain
from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import frozen, register_roots
from synthsweep.config.keys.run import RunConfig
register_roots()
with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
    frozen(compose("run", ["mix.ratio=0.1"]), RunConfig)
"""
CALL = "from synthsweep.cli.main import main\nassert main([{argument!r}]) == {status}\n"


def packages_after(code: str) -> set[str]:
    """The top-level packages that are imported once `code` has run."""
    tail = "\nimport sys\nprint('\\n' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True, cwd=Path.cwd())
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", ["import synthsweep.config.keys.run", COMPOSE], ids=["schema", "composition"])
def test_a_configuration_is_refused_before_anything_heavy_is_imported(code: str) -> None:
    """A misspelt key should cost a second, not the ten seconds of torch and MLflow."""

    packages = packages_after(code)

    assert "synthsweep" in packages
    assert not packages & HEAVY


def test_the_schema_knows_no_framework() -> None:
    """A script can make a configuration without Hydra."""

    assert not packages_after("import synthsweep.config.keys.run") & {"hydra", "omegaconf", "numpy", "yaml"}


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("--version", 0), ("rum", 2)])
def test_help_and_refusals_of_the_command_line_import_not_even_hydra(argument: str, status: int) -> None:
    packages = packages_after(CALL.format(argument=argument, status=status))

    assert not packages & {"hydra", "omegaconf", "numpy", *HEAVY}
