"""`replicates=auto`: the rule of `hydra.sweeper.until`, refused before anything runs where a study cannot follow it."""

from collections.abc import Sequence

from synthsweep.compare.baseline import find_baseline
from synthsweep.compare.grid import Cell
from synthsweep.compare.read.assemble import ADDED
from synthsweep.compare.read.cells import SEEDS, cell_name
from synthsweep.config.keys.run import AUTO, RunConfig
from synthsweep.config.keys.sweeper import UNTIL, SweeperSettings
from synthsweep.config.spelling import spelled
from synthsweep.errors import StudyError
from synthsweep.study.design.factorial import DesignCell
from synthsweep.study.design.seed_rule import EXAMPLES, SeedRule, read_rule, require_seeds
from synthsweep.study.design.space import Factor


def seed_rule(settings: SweeperSettings, config: RunConfig, factors: Sequence[Factor], swept: Sequence[int]) -> SeedRule | None:
    """The rule by which a study gets its seeds; None where their number is given. `swept` are levels of `seed`.

    Raises:
        StudyError: there is a rule without `replicates=auto` or the other way round, or other keys do not fit.
    """
    if settings.until is None:
        _require_no_rule(settings, config)
        return None
    said = f"{UNTIL}={settings.until}"
    if settings.design == "search":
        raise StudyError(f"{said} is for effects, and a search has none: leave it out, and set replicates=N")
    rule = read_rule(settings.until, settings.min_seeds, settings.max_seeds)
    if swept:
        raise StudyError(f"{said} and seed={','.join(map(str, swept))} both say which seeds there are: leave one of them out")
    if config.replicates != AUTO:
        raise StudyError(f"{said} and replicates={config.replicates} both say how many seeds there are: set replicates={AUTO}")
    crossed = [factor.key for factor in factors if factor.key in SEEDS]
    if crossed:
        raise StudyError(f"{said} adds one seed after the other, but {crossed[0]} is varied: give it one value")
    if config.tracking.kind == "none":
        raise StudyError(f"{said} looks at the runs that are kept, and tracking=none keeps none: set tracking=local")
    require_seeds(config.seed, rule.most)
    return rule


def _require_no_rule(settings: SweeperSettings, config: RunConfig) -> None:
    if config.replicates == AUTO:
        raise StudyError(f"replicates={AUTO} needs a rule for when seeds are enough: set {EXAMPLES}, or replicates=N")
    usual = SweeperSettings()
    given = [name for name in ("min_seeds", "max_seeds") if getattr(settings, name) != getattr(usual, name)]
    if given:
        value = getattr(settings, given[0])
        raise StudyError(f"hydra.sweeper.{given[0]}={value} acts with replicates={AUTO} alone: leave it out, or set {EXAMPLES}")


def require_baseline(rule: SeedRule, cells: Sequence[tuple[DesignCell, RunConfig]]) -> None:
    """Raises StudyError where no arm can be compared with real texts alone, which a look would find after the first seeds."""
    assignments = [({key: spelled(key, value) for key, value in cell.assignment.items()}, run) for cell, run in cells]
    known = [Cell(cell_name(one), one, (), {ADDED: float(run.mix.adds)}) for one, run in assignments]
    try:
        find_baseline(known, (), {})
    except StudyError as error:
        raise StudyError(
            f"{UNTIL}={rule.text} compares arms with real texts alone, and no two configurations can be compared so: vary what "
            "the arms add, as in mix.ratio=0,0.5"
        ) from error
