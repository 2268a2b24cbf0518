"""What it takes to classify texts with each arm, where arms are different classifiers; pure."""

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.supplements import ArmScores
from synthsweep.config.acting import below
from synthsweep.config.metrics import SECONDS_PER_1000, USD_PER_1000
from synthsweep.pages.numbers import money, number
from synthsweep.pages.tables.table import Table, compact_table

# Factors whose levels are classifiers.
CLASSIFIERS = ("model", "classifier")
ASKED = "An LLM is asked with one request at a time; other classifiers run on the machine that trained them, without a bill."


def use(answer: Comparison) -> Table | None:
    """Dollars and seconds per 1,000 texts, one row per arm; None where all arms are one classifier."""
    arms = timed_arms(answer)
    if not arms:
        return None
    columns = {"arm": "l", "dollars": "r", "seconds": "r"}
    rows = [(arm.arm, money(usd) if (usd := usd_of(arm)) is not None else "", number(seconds_of(arm), 2)) for arm in arms]
    notes = [ASKED] if any(usd_of(arm) is not None for arm in arms) else []
    return compact_table("use", "What 1,000 texts take to classify", columns, rows, *notes)


def use_lines(answer: Comparison) -> tuple[str, ...]:
    """Such as `To classify 1,000 texts takes $0.50 and 53 s with model=llm, 0.92 s with model=tiny`."""
    told = [f"{_taken(arm)} with {arm.arm}" for arm in timed_arms(answer)]
    return (f"To classify 1,000 texts takes {', '.join(told)}.",) if told else ()


def timed_arms(answer: Comparison) -> list[ArmScores]:
    """Arms whose use is known, where these are different classifiers."""
    differ = any(below(factor, CLASSIFIERS) for factor in answer.factors)
    asked = any(usd_of(arm) is not None for arm in answer.arms)
    return [arm for arm in answer.arms if seconds_of(arm) is not None] if differ or asked else []


def usd_of(arm: ArmScores) -> float | None:
    """Only of a classifier that is asked about each text."""
    return arm.facts.get(USD_PER_1000)


def seconds_of(arm: ArmScores) -> float | None:
    """None of runs of an earlier version."""
    return arm.facts.get(SECONDS_PER_1000)


def _taken(arm: ArmScores) -> str:
    usd, seconds = usd_of(arm), seconds_of(arm) or 0.0
    shown = f"{number(seconds, 0 if seconds >= 10 else 2)} s"
    return shown if usd is None else f"${money(usd)} and {shown}"
