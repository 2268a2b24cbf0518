"""The name of a study that nobody named: that of its file in `sweeps/`, or one that follows from its definition."""

from dataclasses import replace

from omegaconf import DictConfig

from synthsweep.storage.database import study_address, study_names
from synthsweep.sweep.plan import Plan


def with_name(plan: Plan, node: DictConfig) -> Plan:
    """The plan under the name of its question; a study that was begun under its automatic name keeps that one.

    Raises:
        StorageError: the storage of studies does not answer.
    """
    question = node.hydra.runtime.choices.get("sweeps")
    if plan.config.study or not question:
        return plan
    address = study_address(plan.settings.storage, plan.config.tracking.folder)
    if plan.name in study_names(address):
        return replace(plan, named=f"begun under this name before; a new study would be called {question}")
    return replace(plan, name=str(question), named=f"named after sweeps={question}; study=NAME gives another name")
