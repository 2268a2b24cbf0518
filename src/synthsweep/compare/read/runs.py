"""The runs of a study as MLflow has them: which are compared, which are left out, and where the predictions of each lie."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from synthsweep.compare.result import ExcludedRun
from synthsweep.config.schema import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.messages import listing
from synthsweep.track.mlflow_tracker import PARENT, wrapped
from synthsweep.track.store import DATABASE, database_uri, impatient_mlflow, quiet_mlflow

REUSED_FROM = "reused_from"
# What stands in the store beside runs that were trained.
OTHER_KINDS = frozenset({"study", "trial", "generate"})
PAGE = 1000
UNFINISHED = {"RUNNING": "it is not finished yet", "SCHEDULED": "it is not finished yet", "KILLED": "it was ended"}


@dataclass(frozen=True)
class StudyRun:
    """One finished run; `assignment` are the factors of its trial, None for a run of no multirun.

    `trained` is the run that was trained, which has the files: another one where a finished run was reused.
    """

    run_id: str
    name: str
    study: str
    trial: int | None
    assignment: Mapping[str, str] | None
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    trained: str


@dataclass(frozen=True)
class StudyHead:
    """A study's own run: how it was designed, and the command that ran it."""

    run_id: str
    name: str
    design: str
    objectives: str
    command: str


@dataclass(frozen=True)
class Found:
    """All that the store has of the studies."""

    runs: tuple[StudyRun, ...]
    left: tuple[ExcludedRun, ...]
    heads: tuple[StudyHead, ...]


@dataclass
class Reader:
    """Reads an MLflow store, and adds reports to it."""

    client: MlflowClient
    uri: str
    _parents: dict[str, Mapping[str, str]] = field(default_factory=dict, init=False)

    def find(self, studies: Sequence[str], rule: str = "") -> Found:
        """The runs of these studies, and those that a search filter of MLflow finds, oldest first.

        Raises:
            StudyError: the store has no run of one of the studies.
            TrackingError: the store does not answer, or does not understand the filter.
        """
        with wrapped(self.uri):
            rows = [row for study in studies for row in self._of_study(study)]
            rows += self._search(rule) if rule else []
            unique = {row.info.run_id: row for row in rows}.values()
            heads = tuple(_head(row) for row in unique if row.data.tags.get("kind") == "study")
            trained = [row for row in unique if row.data.tags.get("kind") not in OTHER_KINDS]
            finished = [row for row in trained if row.info.status == "FINISHED"]
            left = tuple(_left(row) for row in trained if row.info.status != "FINISHED")
            return Found(tuple(self._run(row) for row in finished), left, heads)

    def studies(self) -> list[str]:
        """The names of all studies, latest first."""
        with wrapped(self.uri):
            rows = self._search("tags.study != ''")
        return list(dict.fromkeys(row.data.tags["study"] for row in reversed(rows) if "study" in row.data.tags))

    def file(self, run_id: str, name: str, folder: Path) -> Path | None:
        """An artifact of a run, copied below `folder`; None if it has none of this name.

        Raises:
            TrackingError: the store does not answer.
        """
        place = folder / run_id
        place.mkdir(exist_ok=True)
        with wrapped(self.uri):
            if not any(found.path == name for found in self.client.list_artifacts(run_id)):
                return None
            return Path(self.client.download_artifacts(run_id, name, str(place)))

    def keep(self, folder: Path, run_ids: Sequence[str]) -> list[str]:
        """Copies a report to the artifacts of these runs; returns the ids of those that took it."""
        for run_id in run_ids:
            with wrapped(self.uri):
                self.client.log_artifacts(run_id, str(folder), "report")
        return list(run_ids)

    def _of_study(self, study: str) -> list[Any]:
        # In double quotes, since a name may hold single ones.
        rows = self._search(f'tags.study = "{study}"') if '"' not in study else []
        if not rows:
            raise StudyError(f"study={study}: no run carries this name{_near(study, self.studies())}")
        return rows

    def _search(self, rule: str) -> list[Any]:
        experiments = [found.experiment_id for found in self.client.search_experiments()]
        rows: list[Any] = []
        token: str | None = None
        while True:
            page = self.client.search_runs(
                experiments, rule, max_results=PAGE, order_by=["attributes.start_time ASC"], page_token=token
            )
            rows += page
            token = page.token
            if not token:
                return rows

    def _run(self, row: Any) -> StudyRun:
        tags = dict(row.data.tags)
        parent = tags.get(PARENT, "") if tags.get("kind") == "replicate" else ""
        return StudyRun(
            run_id=row.info.run_id,
            name=str(row.info.run_name),
            study=tags.get("study", ""),
            trial=int(tags["trial"]) if parent and tags.get("trial", "").isdigit() else None,
            assignment=self._assignment(parent) if parent else None,
            params=dict(row.data.params),
            metrics=dict(row.data.metrics),
            tags=tags,
            trained=tags.get(REUSED_FROM, row.info.run_id),
        )

    def _assignment(self, parent: str) -> Mapping[str, str] | None:
        if parent not in self._parents:
            try:
                self._parents[parent] = dict(self.client.get_run(parent).data.params)
            except MlflowException:
                # Somebody deleted the trial: what its runs differ in still tells them apart.
                return None
        return self._parents[parent]


def open_reader(config: TrackingConfig) -> Reader:
    """The store of a configuration, which must be there.

    Raises:
        StudyError: there is no store yet.
    """
    quiet_mlflow()
    if config.kind == "none":
        raise StudyError("tracking=none keeps nothing that could be compared: set tracking=local")
    if config.kind == "server":
        impatient_mlflow()
    folder = Path(config.folder)
    if not config.uri and not (folder / DATABASE).exists():
        raise StudyError(f"tracking.folder={folder}: there are no runs yet; synthsweep run -m sweeps=demo makes some")
    uri = config.uri or database_uri(folder)
    with wrapped(uri):
        return Reader(MlflowClient(tracking_uri=uri), uri)


def _head(row: Any) -> StudyHead:
    tags, params = row.data.tags, row.data.params
    design, objective = tags.get("design", "factorial"), params.get("objective", "")
    return StudyHead(row.info.run_id, tags.get("study", ""), design, objective, tags.get("command", ""))


def _left(row: Any) -> ExcludedRun:
    tags, status = row.data.tags, row.info.status
    reason = tags.get("failure") or UNFINISHED.get(status, "it failed")
    return ExcludedRun(row.info.run_id, str(row.info.run_name), status, reason)


def _near(study: str, there: Sequence[str]) -> str:
    if not there:
        return "; there is no study yet"
    near = difflib.get_close_matches(study, there, n=1)
    return f"; did you mean study={near[0]}?" if near else f"; there are {listing(list(there), 6)}"
