"""Whether this machine can join a study that is planned: its runs are where the study's are, and its texts are here."""

from synthsweep.display.screen import Screen
from synthsweep.errors import StudyError
from synthsweep.messages import without_password
from synthsweep.pages.numbers import counted
from synthsweep.progress import Stage
from synthsweep.storage.database import study_address
from synthsweep.study.results.run_tree import STUDY_RUN
from synthsweep.study.shared.inputs import study_note
from synthsweep.study.shared.kept_inputs import REPLIES
from synthsweep.sweep.dry_run import require_pools_here
from synthsweep.sweep.plan import Plan
from synthsweep.sweep.replies import bring_replies
from synthsweep.track.choose import existing_reader


def require_joinable(plan: Plan) -> None:
    """Raises StudyError for a machine that would keep the study's runs in another place, or ask an LLM once more."""
    address = study_address(plan.settings.storage, plan.config.tracking.folder)
    # Without a run, nothing has begun, so its runs are kept nowhere yet.
    run_id = study_note(address, plan.name, STUDY_RUN) if plan.config.tracking.kind != "none" else ""
    if run_id:
        _require_store(plan, run_id)
    try:
        require_pools_here(plan)
    except StudyError:
        if not run_id or not _bring_replies(plan, run_id, study_note(address, plan.name, REPLIES)):
            raise
        require_pools_here(plan)


def _bring_replies(plan: Plan, run_id: str, digest: str) -> bool:
    """Whether the study keeps the texts of its LLMs, which are here from now on."""
    if not digest:
        return False
    tracking = plan.config.tracking
    brought = bring_replies(tracking.folder, existing_reader(tracking), run_id, digest)
    Screen()(Stage(f"{counted(brought, 'answer')} of LLMs are fetched from the study's run (digest {digest})"))
    return bool(brought)


def _require_store(plan: Plan, run_id: str) -> None:
    """In another store, everything that is finished would look lost, and be trained again."""
    tracking = plan.config.tracking
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
