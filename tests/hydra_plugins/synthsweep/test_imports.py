"""Hydra imports every plugin at the start of every application of this environment."""

import subprocess
import sys

HEAVY = {"mlflow", "optuna", "ray", "torch", "synthsweep.study", "synthsweep.sweep", "synthsweep.workers"}


def test_no_plugin_imports_a_heavy_library_or_the_application() -> None:
    program = (
        "import importlib, pkgutil, sys, hydra_plugins.synthsweep as plugins\n"
        "names = [found.name for found in pkgutil.iter_modules(plugins.__path__)]\n"
        "for name in names: importlib.import_module(f'hydra_plugins.synthsweep.{name}')\n"
        f"print(len(names), {HEAVY} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout == "6 set()\n", done.stderr
