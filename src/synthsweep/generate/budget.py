"""The spend cap: what a pool, or all that a study asks, may ever cost.

Each request holds the most that it can cost before it is sent, and `hold` refuses what would exceed the limit. Where an answer
cost more than was foreseen (a server that ignores the limit of a reply, or charges more than its list says), the following
requests of the budget hold more. The ledger lies beside the replies (`replies/store.py`): it counts over all processes, and
`execute` runs each statement within the caller's transaction, so that dollars, claims and replies change together.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synthsweep.config.keys.run import PoolConfig
from synthsweep.generate.llm.prices import Price, dollars

Execute = Callable[..., Any]
# Another answer may cost this times as much as the dearest one so far. Before so many answers, little is known.
MARGIN, KNOWN = 2.0, 10


@dataclass(frozen=True)
class Budget:
    """Dollars that all processes with the same `name` share; None is no limit."""

    name: str
    limit: float | None


def budget_of(config: PoolConfig, price: Price) -> Budget:
    """The budget of the study, or of the pool, which shares it with the judge of its texts."""
    writer = config.llm.model if config.llm.hosted else config.llm.name
    name = config.study or f"{writer}/{config.prompt.variant}"
    return Budget(name, None if price.free else config.generate.max_usd)


@dataclass(frozen=True)
class Spending:
    """Dollars of one budget: paid, held for requests under way, and lost: perhaps billed, without a reply."""

    paid: float = 0.0
    held: float = 0.0
    lost: float = 0.0

    @property
    def total(self) -> float:
        return self.paid + self.held + self.lost


@dataclass(frozen=True)
class Surprise:
    """An answer beside what was foreseen: `ratio` of what its tokens cost to their most, `markup` of the bill to that cost."""

    ratio: float = 0.0
    markup: float = 1.0


NONE = Surprise()


def hold(execute: Execute, budget: str, most: float, limit: float | None, *, cautious: bool = False) -> int | None:
    """Holds dollars for a request that should cost `most`, and returns the entry; None where they would exceed the limit.

    `cautious` holds more for a request beside others, as long as answers may turn out to cost more than their most.
    """
    ended, held = _ended(execute, budget), _held(execute, budget)
    usd = _to_hold(ended, most, alone=held == 0 or not cautious)
    if limit is not None and ended.usd + held + usd > limit:
        return None
    row = (budget, usd, time.time())
    entry: int = execute("INSERT INTO ledger (budget, usd, state, at) VALUES (?,?,'held',?)", row).lastrowid
    return entry


@dataclass(frozen=True)
class _Ended:
    """What all requests of a budget took that are over: dollars paid and lost, and of its answers the largest surprises."""

    usd: float = 0.0
    answers: int = 0
    ratio: float = 0.0
    markup: float = 1.0


def _ended(execute: Execute, budget: str) -> _Ended:
    row = execute("SELECT usd, answers, ratio, markup FROM totals WHERE budget=?", (budget,)).fetchone()
    return _Ended(row[0], row[1], row[2] or 0.0, row[3] or 1.0) if row else _Ended()


def _held(execute: Execute, budget: str) -> float:
    row = execute("SELECT SUM(usd) FROM ledger WHERE budget=? AND state='held'", (budget,)).fetchone()
    return float(row[0] or 0.0)


def _to_hold(ended: _Ended, most: float, *, alone: bool) -> float:
    """`most`, or more where answers passed it; beside other requests also where they came near to it, or were few."""
    foreseen = most * ended.markup
    if ended.ratio > 1:
        return foreseen * MARGIN * ended.ratio
    if alone:
        return foreseen
    return foreseen * (MARGIN if ended.answers < KNOWN else max(1.0, MARGIN * ended.ratio))


def pay(execute: Execute, entry: int, usd: float, surprise: Surprise = NONE) -> None:
    """Replaces what was held by what was paid."""
    row = (usd, surprise.ratio, surprise.markup, entry)
    execute("UPDATE ledger SET usd=?, ratio=?, markup=?, state='paid' WHERE id=?", row)


def settle(execute: Execute, entry: int, usd: float | None) -> None:
    """Replaces what was held by the price, and forgets it at 0; None marks it as lost: perhaps billed, without a reply."""
    if usd is None:
        execute("UPDATE ledger SET state='lost' WHERE id=?", (entry,))
    elif usd == 0:
        execute("DELETE FROM ledger WHERE id=?", (entry,))
    else:
        pay(execute, entry, usd)


def spending(execute: Execute, budget: str) -> Spending:
    """What was paid, held and lost of a budget."""
    rows = execute("SELECT state, SUM(usd) FROM ledger WHERE budget=? GROUP BY state", (budget,))
    sums = {row[0]: row[1] for row in rows}
    return Spending(**{state: sums.get(state) or 0.0 for state in ("paid", "held", "lost")})


def format_spending(spending: Spending) -> str:
    """`$0.1000`, and how much of it may have gone to requests that were never answered."""
    unsure = spending.held + spending.lost
    return dollars(spending.total) + (f" ({dollars(unsure)} of it on requests without an answer)" if unsure else "")
