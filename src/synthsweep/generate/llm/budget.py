"""The spending limit of a pool, or of all requests of a study.

Each request holds the most that it can cost before it is sent, which `replies/ledger.py` grants only within the limit,
counted over all processes.
"""

from dataclasses import dataclass

from synthsweep.config.keys.run import PoolConfig
from synthsweep.generate.llm.prices import Price, dollars
from synthsweep.generate.replies.ledger import Spending


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


def format_spending(spending: Spending) -> str:
    """`$0.1000`, and how much of it may have gone to requests that were never answered."""
    unsure = spending.held + spending.lost
    return dollars(spending.total) + (f" ({dollars(unsure)} of it on requests without an answer)" if unsure else "")
