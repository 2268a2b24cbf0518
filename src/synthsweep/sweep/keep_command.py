"""What a study keeps of the command that began it, so that another machine can join with `synthsweep work`."""

import os
import re
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from hydra.plugins.config_source import ConfigResult

from synthsweep import __version__
from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.keys.sweeper import OF_A_PROCESS
from synthsweep.config.variables import CONVENTIONAL, SECRET_NAME
from synthsweep.messages import without_password
from synthsweep.study.shared.begun import Begun
from synthsweep.sweep.local_files import LOCAL, part_of_study
from synthsweep.sweep.plan import Plan

# Sections of the command, and groups of files, that belong to a machine; the study's name is given where it is joined.
OF_A_MACHINE, GROUPS_OF_A_MACHINE = ("tracking", "sweep", "study"), ("tracking", "hydra")
STORAGE_KEYS = ("hydra.sweeper.storage", "hydra.sweeper.lease_s", "hydra.sweeper._target_")
VARIABLE = re.compile(r"\$\{oc\.env:\s*([A-Za-z_]\w*)")


def begun_of(plan: Plan, arguments: Sequence[str], of_hydra: Sequence[str]) -> Begun:
    """The command of a plan: its overrides, the user's own files that it chose, and the variables that these name."""
    given = [without_password(text) for text in arguments if key_of(text).partition(".")[0] not in OF_A_MACHINE]
    not_kept = {*STORAGE_KEYS, *OF_A_PROCESS}
    of_study = ("hydra.sweeper.", "hydra/sweeper/")
    sweeper = [text for text in of_hydra if key_of(text).startswith(of_study) and key_of(text) not in not_kept]
    files = own_files(plan.composer.loader.files_read())
    return Begun(
        tuple(given), tuple(sweeper), plan.settings.n_trials, socket.gethostname(), str(Path.cwd()), __version__,
        files, named_variables([*given, *sweeper, *files.values()]),
    )  # fmt: skip


def own_files(read: dict[str, ConfigResult]) -> dict[str, str]:
    """The texts of the files that the package does not ship, as `conf/GROUP/NAME.yaml` and `sweeps/NAME.yaml`."""
    found: dict[str, str] = {}
    for name, result in read.items():
        scheme, _, folder = result.path.partition("://")
        inside = name.removeprefix("sweeps/") if scheme == "sweeps" else name
        file = Path(folder) / (inside if inside.endswith(".yaml") else f"{inside}.yaml")
        if scheme not in {"file", "sweeps"} or Path(folder) in {shipped("conf"), shipped("sweeps")}:
            continue
        if inside.partition("/")[0] not in GROUPS_OF_A_MACHINE and file.is_file():
            kept = f"{'sweeps' if scheme == 'sweeps' else 'conf'}/{file.relative_to(folder)}"
            text = file.read_text(encoding="utf-8")
            found[kept] = without_password(part_of_study(text) if inside.partition("/")[0] == LOCAL else text)
    return found


def named_variables(texts: Iterable[str]) -> dict[str, str]:
    """The values of the environment variables that texts name, but for those whose name says that they are secret."""
    names = dict.fromkeys(name for text in texts for name in VARIABLE.findall(text))
    shown = [name for name in names if not CONVENTIONAL.fullmatch(name) and not SECRET_NAME.search(name)]
    return {name: without_password(os.environ[name]) for name in shown if name in os.environ}
