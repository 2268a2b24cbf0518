"""The storage of studies that a command names."""

from dataclasses import dataclass

from hydra.core.hydra_config import HydraConfig

from synthsweep.config.compose.typed import from_plugin, sweeper_keys
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.errors import StudyError
from synthsweep.storage.database import sqlite_file, study_address


@dataclass(frozen=True)
class NamedStorage:
    """An absolute address; `shown` is a name for messages, without a password."""

    address: str
    shown: str
    lease_s: float


def named_storage(tracking: TrackingConfig) -> NamedStorage:
    """`hydra.sweeper.storage`, else `optuna.db` in the tracking folder, which need not be there.

    Raises:
        StudyError: the key names a file that is not there, or no address of a database.
    """
    settings = from_plugin(SweeperSettings, sweeper_keys(HydraConfig.get().sweeper))
    address = study_address(settings.storage, tracking.folder)
    file = sqlite_file(address)
    if settings.storage and file is not None and not file.exists():
        raise StudyError(f"hydra.sweeper.storage: {file}: there is no such file; give the address with which the study began")
    from sqlalchemy.engine import make_url

    shown = str(file) if file else make_url(address).set(username=None, password=None).render_as_string()
    return NamedStorage(address, shown, settings.lease_s)
