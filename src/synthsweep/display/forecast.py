"""What the terminal shows of a forecast: pools to ask for, their cost within the spend cap, hours of training."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rich.console import Console

from synthsweep.display.console import print_prose
from synthsweep.display.sweep import duration
from synthsweep.display.word_table import WordTable
from synthsweep.generate.asked_pools import Amount, AskedPool
from synthsweep.generate.budget import Budget, format_spending
from synthsweep.generate.llm.prices import dollars
from synthsweep.pages.numbers import counted
from synthsweep.study.forecast import StudyForecast

# Rows of the table: more pools are summed up in one.
ROWS = 40


def next_after_dry_run(key: str, lacking: Iterable[str]) -> list[str]:
    """What to do after a dry run that `key` asked for: first what the command lacks, if that is anything."""
    return [*dict.fromkeys(lacking), f"the same without {key}=true runs it"]


def print_forecast_parts(console: Console, expected: StudyForecast, *, workers: int) -> None:
    """Prints all of a forecast."""
    for part in forecast_parts(expected, workers=workers):
        if isinstance(part, str):
            print_prose(console, part)
        else:
            console.print(part)


def forecast_parts(expected: StudyForecast, *, workers: int) -> Iterator[WordTable | str]:
    """All of a forecast, in order; a console prints its texts without markup."""
    if expected.pools:
        yield pools_table(expected)
    yield from expected.lengths
    yield time_line(expected, workers)
    yield from cost_lines(expected)


def pools_table(expected: StudyForecast) -> WordTable:
    """A row per pool: what is there, and what the rest takes, as usual and at most; the last row is the total."""
    numbers = ("kept", "requests", "tokens", "dollars")
    table = WordTable("pool", *numbers, numbers=numbers, title="asked of LLMs: as usual - at most")
    for pool in expected.pools[:ROWS]:
        kept = f"{pool.kept:,} of {pool.wanted:,}"
        table.add_row(pool.name, kept, *_amounts(pool.usual, pool.most, free=pool.free))
    if len(expected.pools) > ROWS:
        table.add_row(f"and {len(expected.pools) - ROWS} more")
    table.add_section()
    free = all(pool.free for pool in expected.pools)
    table.add_row("all together", "", *_amounts(expected.usual, expected.most, free=free))
    return table


def _amounts(usual: Amount, most: Amount, *, free: bool) -> tuple[str, str, str]:
    usd = "free" if free else _range(dollars(usual.usd), dollars(most.usd))
    if not most.requests:
        usd = "0"
    return (
        _range(f"{usual.requests:,}", f"{most.requests:,}"),
        _range(_thousands(usual.tokens), _thousands(most.tokens)),
        usd,
    )


def _thousands(tokens: int) -> str:
    """`12k`, rounded up: a column of a terminal has no room for more."""
    return f"{math.ceil(tokens / 1000):,}k" if tokens >= 10_000 else f"{tokens:,}"


def _range(usual: str, most: str) -> str:
    return usual if usual == most else f"{usual}-{most}"


def cost_lines(expected: StudyForecast) -> Iterator[str]:
    """What the pools cost altogether, and whether that is within the spend cap."""
    asked = [pool for pool in expected.pools if pool.most.requests]
    if not asked:
        there = "every text and answer of an LLM is there" if expected.pools else "no LLM is asked"
        yield f"0 dollars: {there}."
        return
    paid = [pool for pool in asked if not pool.free]
    if not paid:
        yield "0 dollars: the LLMs that are asked are free (llm.free=true)."
        return
    if math.isnan(expected.most.usd):
        names = dict.fromkeys(pool.name for pool in paid if math.isnan(pool.most.usd))
        yield (
            f"Dollars are not known: {', '.join(names)} has no known price; llm.price_per_million.input and "
            "llm.price_per_million.output set one, in dollars."
        )
        return
    yield f"About {dollars(expected.usual.usd)}, at most {dollars(expected.most.usd)}."
    yield from _cap_lines(expected, paid)


def _cap_lines(expected: StudyForecast, paid: list[AskedPool]) -> Iterator[str]:
    by_budget: dict[Budget, list[AskedPool]] = defaultdict(list)
    for pool in paid:
        by_budget[pool.budget].append(pool)
    for budget, pools in by_budget.items():
        usual, most = sum(pool.usual.usd for pool in pools), sum(pool.most.usd for pool in pools)
        if len(by_budget) == 1:
            # A search may reach fewer pools than there are.
            usual, most = expected.usual.usd, expected.most.usd
        spent = pools[0].spent
        before = f" beside {format_spending(spent)} spent before" if spent.total else ""
        yield _fit(budget, usual, most, spent.total, before)


def _fit(budget: Budget, usual: float, most: float, spent: float, before: str) -> str:
    if budget.limit is None:
        return f"generate.max_usd is not set: nothing is sent before it says what {budget.name} may cost at most."
    cap = f"generate.max_usd={budget.limit:g}"
    if spent + most <= budget.limit:
        return f"{cap}: {budget.name} fits{before}, whatever the replies."
    if spent + usual <= budget.limit:
        return f"{cap}: {budget.name} fits{before} if replies are as usual; the cap stops it at {dollars(budget.limit)}."
    return f"{cap}: {budget.name} does not fit{before}: it stops before all texts are there."


def time_line(expected: StudyForecast, workers: int) -> str:
    """How many steps are left to train, and how long that takes."""
    if not expected.left:
        return "Nothing is left to train."
    if expected.seconds is None:
        return f"{expected.steps:,} training steps at most; how long is not known before a run of this encoder is finished."
    return (
        f"At most {expected.steps:,} training steps, {duration(expected.seconds / workers)} on {workers} "
        f"worker{'s' * (workers != 1)} (by {counted(expected.measured_on, 'finished run')} of this encoder)."
    )
