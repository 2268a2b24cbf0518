"""The queue of a study that gets seeds until its rule stops: when all that is planned is done, one process looks and decides.

A look is an item of the table of claims, so that one process of a study takes it, and a command that goes on finds it: a
decision is never made twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synthsweep.storage.leases import Leases
from synthsweep.study.design.seed_rule import Look, look_of, seeds_from
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial

LOOK = "look:"


def kept_looks(leases: Leases) -> list[Look]:
    """The looks that were taken, in their order."""
    return sorted(map(look_of, leases.notes(LOOK).values()), key=lambda look: look.seeds)


def following(looks: Sequence[Look], least: int) -> int:
    """How many seeds a study has after these looks, `least` before the first."""
    return looks[-1].following if looks else least


@dataclass
class GrowingQueue:
    """`looks` are those that were taken before; `take_look` looks at a number of seeds after earlier looks.

    `show` is told of each look that is new to this process.
    """

    cells: FactorialQueue
    looks: list[Look]
    take_look: Callable[[int, Sequence[Look]], Look]
    show: Callable[[Look], None] = lambda look: None

    @property
    def stopped(self) -> bool:
        return bool(self.looks) and self.looks[-1].stops

    def next_job(self) -> Job | None:
        while True:
            job = self.cells.next_job()
            if job is not None or self.stopped or not self._all_done() or not self._decide():
                return job

    def record(self, job: Job, outcome: Outcome) -> None:
        self.cells.record(job, outcome)

    def fail(self, job: Job, reason: str) -> None:
        self.cells.fail(job, reason)

    def release(self, job: Job) -> None:
        self.cells.release(job)

    def counts(self) -> Counts:
        return replace(self.cells.counts(), undecided=not self.stopped)

    def trials(self) -> list[Trial]:
        for look in kept_looks(self.cells.store.leases)[len(self.looks) :]:
            self._apply(look)
        return self.cells.trials()

    def awaits_others(self) -> bool:
        """Whether another process works on the study, after whose work more may follow."""
        leases = self.cells.store.leases
        return not self.stopped and any(owner != leases.owner for owner in leases.alive().values())

    def _all_done(self) -> bool:
        counts = self.cells.counts()
        return counts.done == counts.planned

    def _decide(self) -> bool:
        """Takes the look at what is done, unless another process has or does; False where it is not known yet."""
        leases, seeds = self.cells.store.leases, len(self.cells.seeds)
        item = f"{LOOK}{seeds}"
        if leases.claim(item):
            try:
                look = self.take_look(seeds, self.looks)
            except BaseException:
                leases.release(item)
                raise
            leases.finish(item, look.plain())
        taken = leases.notes(item).get(item)
        if taken is None:
            return False
        self._apply(look_of(taken))
        return True

    def _apply(self, look: Look) -> None:
        self.looks.append(look)
        self.show(look)
        if look.stops:
            self.cells.close()
        else:
            self.cells.grow(seeds_from(self.cells.seeds[0], look.following))
