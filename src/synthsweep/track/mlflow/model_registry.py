"""Saved classifiers in MLflow's registry of models: a version per run, loaded by an alias."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from synthsweep.errors import StudyError
from synthsweep.track.mlflow.client import wrapped, write_shared
from synthsweep.track.mlflow.filters import equals
from synthsweep.track.reader import MODEL
from synthsweep.track.writer import RegisteredModel

# How MLflow says that a name is taken, and that there is no such model.
ALREADY, MISSING = "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True)
class MlflowModels:
    """A ModelRegistry of one MLflow store."""

    client: MlflowClient
    uri: str

    def register(self, name: str, run_id: str, alias: str, tags: Mapping[str, str]) -> RegisteredModel:
        with wrapped(self.uri):
            before = self._make_name(name).get(alias, "")
            known = self._version_of(name, run_id)
            version = known or self._new_version(name, run_id, tags)
            if str(version.version) != before:
                write_shared(lambda: self.client.set_registered_model_alias(name, alias, str(version.version)))
        return RegisteredModel(name, str(version.version), alias, self.uri, new=known is None, before=before)

    def _make_name(self, name: str) -> Mapping[str, str]:
        """The versions of a name by alias; the name is made where it is missing."""
        taken = False
        try:
            self.client.create_registered_model(name)
        except MlflowException as error:
            taken = error.error_code == ALREADY
            if not taken:
                raise
        try:
            model = self.client.get_registered_model(name)
        except MlflowException as error:
            if not taken or error.error_code != MISSING:
                raise
            # Prompts share the names of models, and are hidden from whoever asks for a model.
            raise StudyError(f"register={name}: a prompt in MLflow's registry has this name: take another one") from error
        return {alias: str(version) for alias, version in model.aliases.items()}

    def _version_of(self, name: str, run_id: str) -> ModelVersion | None:
        found = self.client.search_model_versions(f"{equals('name', name)} and {equals('run_id', run_id)}")
        return max(found, key=lambda version: int(version.version), default=None)

    def _new_version(self, name: str, run_id: str, tags: Mapping[str, str]) -> ModelVersion:
        source = f"{self.client.get_run(run_id).info.artifact_uri}/{MODEL}"
        return self.client.create_model_version(name, source, run_id=run_id, tags=dict(tags))
