"""What LLMs wrote and answered for a study: kept with it where `tracking.log_data` asks for it, and brought to a machine."""

import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from synthsweep.config.keys.llm import with_members
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import LLM
from synthsweep.generate.completer import CLASSIFIER, JUDGE
from synthsweep.generate.replies.exchange import read_replies, write_replies
from synthsweep.generate.replies.store import FILE, open_reply_store
from synthsweep.storage.leases import Leases
from synthsweep.study.design.ends import ends
from synthsweep.study.shared.kept_inputs import Keep, fetch_input, keep_replies
from synthsweep.sweep.plan import Plan
from synthsweep.track.reader import RunReader


def keep_study_replies(plan: Plan, keep: Keep, leases: Leases) -> int:
    """Keeps what is stored of the LLMs and prompts that this study asks, and of no other; returns how many."""
    folder, asked = Path(plan.config.tracking.folder), sorted(set(_asked(plan)))
    if not asked or not (folder / FILE).exists():
        return 0
    return keep_replies(partial(_write, folder, asked), keep, leases)


def bring_replies(folder: str, reader: RunReader, run_id: str, digest: str) -> int:
    """Stores the texts that a study keeps, all or none; returns how many it has, 0 where it keeps none."""
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        file = Path(name) / "replies.jsonl"
        if not fetch_input(reader, run_id, digest, file):
            return 0
        replies, store = read_replies(file), open_reply_store(Path(folder))
        try:
            store.add(replies)
        finally:
            store.close()
        return len(replies)


def _write(folder: Path, asked: list[tuple[str, str]], file: Path) -> int:
    store = open_reply_store(folder)
    try:
        return write_replies(chain.from_iterable(store.all(model, prompt) for model, prompt in asked), file)
    finally:
        store.close()


def _asked(plan: Plan) -> Iterator[tuple[str, str]]:
    """Model and prompt of each LLM that writes texts for some run of the study, judges them, or classifies."""
    search = plan.settings.design == "search"
    assignments = list(ends(plan.space)) if search else [cell.assignment for cell in plan.cells]
    for assignment in assignments:
        config: RunConfig = plan.composer.run([*plan.fixed, *plan.space.overrides(assignment)])
        for one in with_members(vars(config.llm)) if config.mix.reads_pool else ():
            if one.get("model"):
                yield str(one["model"]), config.prompt.variant
        if config.curation.label_check == "judge":
            yield str(config.judge.model), JUDGE
        if config.model.kind == LLM:
            yield str(config.classifier.model), CLASSIFIER
