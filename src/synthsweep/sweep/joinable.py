"""Whether this machine can join a study that is planned: its runs are where the study's are, and its texts are here."""

from synthsweep.errors import StudyError
from synthsweep.messages import without_password
from synthsweep.storage.claim_rows import read_claims
from synthsweep.storage.database import open_engine, study_address
from synthsweep.study.results.run_tree import STUDY_RUN
from synthsweep.sweep.dry_run import require_pools_here
from synthsweep.sweep.plan import Plan
from synthsweep.track.choose import existing_reader


def require_joinable(plan: Plan) -> None:
    """Raises StudyError for a machine that would keep the study's runs in another place, or ask an LLM once more."""
    if plan.config.tracking.kind != "none":
        _require_store(plan)
    require_pools_here(plan)


def _require_store(plan: Plan) -> None:
    """In another store, everything that is finished would look lost, and be trained again."""
    tracking = plan.config.tracking
    engine = open_engine(study_address(plan.settings.storage, tracking.folder))
    try:
        claims = read_claims(engine, plan.name, lambda item: item == STUDY_RUN)
    finally:
        engine.dispose()
    run_id = next((row.note for row in claims if row.item == STUDY_RUN), None)
    if not isinstance(run_id, str):
        # Nothing has begun, so its runs are kept nowhere yet.
        return
    place = without_password(str(tracking.uri or tracking.folder))
    try:
        known = bool(existing_reader(tracking).runs_with_ids([run_id]))
    except StudyError:
        known = False
    if not known:
        raise StudyError(
            f"study={plan.name}: its runs are not kept in {place}, experiment {tracking.experiment}: give the tracking store "
            "with which it began, as tracking=server tracking.uri=http://HOST:5000"
        )
