"""Files that an installed package carries: weights that need no download."""

import importlib.util
from pathlib import Path

from synthsweep.errors import ModelError

PACKAGE_PREFIX = "package:"


def resolve_path(name_or_path: str, key: str = "model.name_or_path") -> str:
    """The folder that `package:MODULE/FOLDER` stands for; any other name unchanged. `key` is named in errors.

    Raises:
        ModelError: the package is not installed.
    """
    if not name_or_path.startswith(PACKAGE_PREFIX):
        return name_or_path
    module, _, folder = name_or_path.removeprefix(PACKAGE_PREFIX).partition("/")
    # find_spec does not import the package, which would load more than its weights.
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        # A submodule of a package that is not installed, or not a module name.
        spec = None
    if spec is None or not spec.submodule_search_locations:
        package = module.replace("_", "-")
        raise ModelError(f"{key}={name_or_path}: {package} is not installed: pip install {package}")
    return str(Path(spec.submodule_search_locations[0]) / folder)
