"""`synthsweep compare power`: the smallest effect that a planned study could find, computed before it runs."""

from collections.abc import Sequence

from synthsweep.compare.planning import plan_power
from synthsweep.compare.result.comparison import Comparison
from synthsweep.config.compose.given import given_command
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.keys.sweeper import UNTIL
from synthsweep.config.roots import CompareConfig, CompareSettings, PowerConfig
from synthsweep.display.compare import power_tables
from synthsweep.display.console import open_console
from synthsweep.display.screen import Screen
from synthsweep.errors import StudyError
from synthsweep.sweep.plan import Plan


def print_power(plan: Plan, arguments: Sequence[str]) -> None:
    """Prints a row per criterion, and the study's own command, made from `arguments`, at the end.

    Raises:
        StudyError: the study has no effects, since it is a search or has no replicates.
    """
    config = plan.config
    assert isinstance(config, PowerConfig)
    if plan.settings.design == "search":
        raise StudyError(f"study={plan.name} is a search, which has no effects: compare power is of factorial studies")
    if plan.rule:
        raise StudyError(
            f"compare power is for a number of seeds, as with replicates=6, got replicates=auto with {UNTIL}={plan.rule.text}; "
            "run -m with sweep.dry_run=true forecasts that"
        )
    cells = [dict(cell.assignment) for cell in plan.cells]
    planned = plan_power(config, plan.name, cells, len(plan.seeds), lambda study: _pilot(config, study))
    of_study = [text for text in arguments if not key_of(text).startswith("power.")]
    command = given_command("run -m", *of_study, "sweep.dry_run=true")
    console = open_console()
    for part in power_tables(config.power, planned, command):
        console.print(part)


def _pilot(config: PowerConfig, study: str) -> Comparison:
    from synthsweep.compare.comparison import compare_studies
    from synthsweep.track.choose import existing_reader

    asked = CompareConfig(study=study, compare=CompareSettings(tfidf_baseline=False))
    with Screen() as screen:
        return compare_studies(asked, existing_reader(config.tracking), screen, "")
