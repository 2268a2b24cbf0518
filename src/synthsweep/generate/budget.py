"""The spend cap: what a pool, or all that a study asks, may ever cost.

Each request holds the most that it can cost before it is sent, and `hold` refuses what would exceed the limit. Where an answer
cost more than was foreseen (a server that ignores the limit of a reply, or charges more than its list says), the following
requests of the budget hold more. The ledger
lies beside the replies (`replies/store.py`): it counts over all processes, and `execute` runs each statement within the
caller's transaction, so that dollars, claims and replies change together.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synthsweep.config.keys.run import PoolConfig
from synthsweep.generate.llm.prices import Price, dollars

Execute = Callable[..., Any]
# After an answer that cost a times what was foreseen, the next ones are held at this times a: another may cost more still.
MARGIN = 2.0


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


def hold(execute: Execute, budget: str, most: float, limit: float | None) -> int | None:
    """Holds dollars for a request that should cost `most`, and returns the entry; None where they would exceed the limit."""
    ratio = overrun(execute, budget) or 0.0
    usd = most * ratio * MARGIN if ratio > 1 else most
    if limit is not None and spending(execute, budget).total + usd > limit:
        return None
    row = (budget, usd, time.time(), most)
    entry: int = execute("INSERT INTO ledger (budget, usd, state, at, most) VALUES (?,?,'held',?,?)", row).lastrowid
    return entry


def pay(execute: Execute, entry: int, usd: float) -> None:
    """Replaces what was held by what was paid."""
    execute("UPDATE ledger SET usd=?, state='paid' WHERE id=?", (usd, entry))


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


def overrun(execute: Execute, budget: str) -> float | None:
    """The cost of an answer as a multiple of what was foreseen, at its largest; None before the budget's first answer."""
    row = execute("SELECT COUNT(*), MAX(usd / most) FROM ledger WHERE budget=? AND state='paid'", (budget,)).fetchone()
    return float(row[1] or 0.0) if row[0] else None


def format_spending(spending: Spending) -> str:
    """`$0.1000`, and how much of it may have gone to requests that were never answered."""
    unsure = spending.held + spending.lost
    return dollars(spending.total) + (f" ({dollars(unsure)} of it on requests without an answer)" if unsure else "")
