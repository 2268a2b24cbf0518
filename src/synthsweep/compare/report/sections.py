"""What the report says, section by section; a section without anything to say is left out."""

from collections.abc import Iterable
from dataclasses import dataclass

from synthsweep.compare.report.figures.bars import effect_variances, importance_bars, sources
from synthsweep.compare.report.figures.dose_response import dose_curves
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.figures.fronts import frontier, fronts
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.report.figures.precision_recall import movements, parts
from synthsweep.compare.report.figures.style import Picture
from synthsweep.compare.report.numbers import between, points, score
from synthsweep.compare.report.tables import details as rest
from synthsweep.compare.report.tables import effects
from synthsweep.compare.result import Comparison, Confirmation, SearchResult
from synthsweep.pages.numbers import counted
from synthsweep.pages.table import Table

HOW_TEXTS = {
    "shared": "All seeds are judged on the same test texts, so one resample of them serves all seeds and arms, crossed with "
    "the seeds (Owen 2007).",
    "disjoint": "Each seed is judged on test texts that no other seed is judged on, so texts are nested in seeds.",
    "overlapping": "The test texts of the seeds overlap, so the variance between seeds is raised by the correction of Nadeau "
    "and Bengio (2003).",
}


@dataclass(frozen=True)
class ReportSection:
    """Shown in this order: box, facts (term and text), text, pictures, tables, folded tables, code."""

    ident: str
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    box: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()
    code: tuple[str, ...] = ()


def sections(answer: Comparison) -> tuple[ReportSection, ...]:
    """All that follows the answer itself; `design`, `left` and `again` are always there."""
    found: Iterable[ReportSection | None] = (
        design(answer),
        by_criterion(answer),
        by_metric(answer),
        split(answer),
        heat(answer),
        factors(answer),
        dose(answer),
        characteristics(answer),
        variance(answer),
        power(answer),
        cost(answer),
        tfidf_baseline(answer),
        *(search_sections(answer.search) if answer.search else ()),
        left(answer),
        again(answer),
    )
    return tuple(section for section in found if section is not None)


def design(answer: Comparison) -> ReportSection:
    """What was compared, and how an interval is made."""
    tables = (*[rest.arms(answer)] * bool(answer.arms), rest.positives(answer))
    scores = (rest.scores(answer),) if answer.arms else ()
    text = (_interval(answer),) if answer.effects else ()
    return ReportSection("design", "What was compared", text, _facts(answer), tables=tables, folded=scores)


def _facts(answer: Comparison) -> tuple[tuple[str, str], ...]:
    grouped = f" of {counted(answer.test_groups, 'group')}" if answer.grouped else ""
    stated = "stated before the study" if answer.primary_stated else "not stated before the study: the default"
    facts = {
        "Design": answer.design,
        "Baseline": answer.baseline,
        "Primary metric": f"{effects.title(answer.primary)}, {stated}" if answer.effects else "",
        **{f"Factor {factor}": ", ".join(levels) for factor, levels in answer.factors.items()},
        "Blocks": f"{len(answer.blocks)}: {', '.join(answer.blocks)}" if answer.blocks else "",
        "Test": counted(answer.test_texts, "text") + grouped,
    }
    return tuple((term, message) for term, message in facts.items() if message)


def _interval(answer: Comparison) -> str:
    units = "groups of texts" if answer.grouped else "texts"
    return (
        f"A 95 % interval speaks of new texts and new seeds: test {units} are drawn again, scores are computed anew each time, "
        f"and the variance between seeds is added. {HOW_TEXTS.get(answer.texts, '')}"
    )


def by_criterion(answer: Comparison) -> ReportSection | None:
    """The forest of the primary metric."""
    found = tuple(forests(answer))
    return ReportSection("criteria", "Effect by criterion", pictures=found) if found else None


def by_metric(answer: Comparison) -> ReportSection | None:
    """A table a metric."""
    if not answer.effects:
        return None
    found = [effects.effects(answer, metric) for metric in effects.metrics(answer)]
    return ReportSection("metrics", "Effect by metric", tables=tuple(found[:1]), folded=tuple(found[1:]))


def split(answer: Comparison) -> ReportSection | None:
    """Operating point or ranking."""
    if not answer.decompositions:
        return None
    text = (
        "More recall and less precision is also what a lower threshold gives. Ranking is what the arm gains at the baseline's "
        "share of predicted positives; the operating point is the rest: what predicting more, or less, does."
    )
    pictures = (*movements(answer), *parts(answer))
    return ReportSection(
        "split", "Operating point or ranking", (text,), pictures=pictures, tables=(effects.macro_splits(answer),)
    )


def heat(answer: Comparison) -> ReportSection | None:
    """Arm by criterion."""
    found = tuple(heat_maps(answer))
    return ReportSection("heat", "Arm by criterion", pictures=found) if found else None


def factors(answer: Comparison) -> ReportSection | None:
    """Main effects and interactions."""
    main = [effects.main_effects(answer)] * bool(answer.main_effects)
    cross = [effects.interactions(answer)] * bool(answer.interactions)
    if not main and not cross:
        return None
    text = "Each level against the first one, averaged over the other factors. The shared control stands outside."
    return ReportSection("factors", "Main effects and interactions", (text,), tables=(*main, *cross))


def dose(answer: Comparison) -> ReportSection | None:
    """Dose-response."""
    if not answer.doses:
        return None
    pictures = tuple(dose_curves(answer))
    beside = () if pictures else (effects.doses(answer),)
    return ReportSection("doses", "Dose and response", pictures=pictures, tables=(effects.trends(answer), *beside))


def characteristics(answer: Comparison) -> ReportSection | None:
    """Associations, or why there are none."""
    if not answer.associations:
        return None
    text = "A pool that differs in one characteristic differs in others: these are associations, no effects."
    return ReportSection("characteristics", "Characteristics of the pools", (text,), tables=(rest.associations(answer),))


def variance(answer: Comparison) -> ReportSection | None:
    """Seeds against texts, and seeds against each other."""
    pictures = (*effect_variances(answer), *sources(answer))
    tables = [rest.variances(answer)] * bool(answer.variances)
    return (
        ReportSection("variance", "Where the variance comes from", pictures=pictures, tables=tuple(tables))
        if pictures
        else None
    )


def power(answer: Comparison) -> ReportSection | None:
    """What could have been found, beside what was not."""
    if not answer.power:
        return None
    silent = rest.no_effects(answer)
    text = "An interval that holds 0 proves no absence: beside it stands the smallest true change that would have been seen."
    tables = (silent,) if silent.rows else ()
    return ReportSection("power", "Power beside every “no effect”", (text,), tables=(*tables, rest.power(answer)))


def cost(answer: Comparison) -> ReportSection | None:
    """What it took."""
    if not answer.costs:
        return None
    return ReportSection("cost", "Cost", pictures=tuple(frontier(answer)), tables=(rest.costs(answer),))


def tfidf_baseline(answer: Comparison) -> ReportSection | None:
    """A baseline worth beating, or not."""
    found = answer.tfidf_baseline
    if found is None:
        return None
    message = f"TF-IDF with logistic regression: {score(found.tfidf_ap)}. The baseline: {score(found.baseline_ap)}. "
    text = (
        message + "Macro average precision on test, on the baseline's own texts" + (f": {found.note}." if found.note else ".")
    )
    below = found.tfidf_ap is not None and found.baseline_ap is not None and found.baseline_ap < found.tfidf_ap
    warning = "The baseline is below TF-IDF, so it is undertrained: then any addition helps for the wrong reason."
    return ReportSection("yardstick", "A baseline worth beating", (text,), box=(warning,) if below else ())


def search_sections(search: SearchResult) -> tuple[ReportSection, ...]:
    """Best trials, importances, confirmation; and what they are not."""
    box = "These are not effects. A search finds a good classifier; it says nothing of what a factor does."
    goals = ", ".join(f"{name} ({way})" for name, way in zip(search.objectives, search.directions, strict=True))
    scores = [rest.test_scores(search)] * bool(search.test_scores)
    best = ReportSection(
        "search",
        "What the search found",
        (f"Objective, on dev: {goals}.", *search.notes),
        box=(box,),
        pictures=tuple(fronts(search)),
        tables=(rest.trials(search), *scores),
    )
    importance = ReportSection("importances", "Importances", pictures=tuple(importance_bars(search)))
    found = (best, importance) if importance.pictures else (best,)
    return (*found, confirmed(search.confirmation)) if search.confirmation else found


def confirmed(found: Confirmation) -> ReportSection:
    """The best trial on seeds that chose nothing."""
    text = (
        f"Trial {found.trial} was selected with {found.objective} {score(found.selected)}. On seeds that chose nothing "
        f"({', '.join(map(str, found.seeds))}) it scores {score(found.fresh)}{between(found.fresh_interval, 3)}. "
        f"Optimism of the selection: {points(found.optimism)} points."
    )
    return ReportSection("confirmation", "The best trial on fresh seeds", (text,))


def left(answer: Comparison) -> ReportSection:
    """Every run that is not compared, and why."""
    if not answer.excluded:
        return ReportSection("left", "Runs left out", ("None.",))
    return ReportSection("left", "Runs left out", (f"{counted(len(answer.excluded), 'run')}.",), tables=(rest.left(answer),))


def again(answer: Comparison) -> ReportSection:
    """How to make it again."""
    how = answer.provenance
    text = (
        f"Made {how.made}, from {how.tracking}. {how.resamples:,} resamples, seed {how.seed}.",
        f"Commits of the runs: {', '.join(how.commits) or 'not known'}.",
    )
    return ReportSection("again", "How to make it again", text, folded=(rest.versions(answer),), code=how.commands)
