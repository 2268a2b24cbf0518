"""What do texts written by an LLM do to a BERT classifier, criterion by criterion?

    import synthsweep

    study = synthsweep.sweep(["sweeps=demo"])
    study.compare()

`synthsweep.api` lists what there is for scripts and notebooks; `synthsweep --help` does so for the command line.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthsweep.api import compare as compare
    from synthsweep.api import effects as effects
    from synthsweep.api import generate as generate
    from synthsweep.api import pool as pool
    from synthsweep.api import predictions as predictions
    from synthsweep.api import run as run
    from synthsweep.api import runs as runs
    from synthsweep.api import sweep as sweep

__version__ = "0.1.0"

# Imported at its first use: `synthsweep --version` waits for nothing.
_API = ("compare", "effects", "generate", "pool", "predictions", "run", "runs", "sweep")


def _call(name: str, *given: Any, **named: Any) -> Any:
    return getattr(importlib.import_module("synthsweep.api"), name)(*given, **named)


class _Room(ModuleType):
    """A folder of the package that has the name of a function of the API: `synthsweep.run` is both."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Calls the function of this name in `synthsweep.api`."""
        return _call(self.__name__.rpartition(".")[2], *given, **named)


class _Package(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        # The import system sets each folder here once it is imported.
        if name in _API and type(value) is ModuleType:
            value.__class__ = _Room
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in (*_API, "api"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        api = importlib.import_module("synthsweep.api")
        return api if name == "api" else getattr(api, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_API, "api"})


sys.modules[__name__].__class__ = _Package
