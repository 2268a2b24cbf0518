"""The sections of the report; a section without content is left out."""

from dataclasses import dataclass

from synthsweep.compare.report.figures.bars import effect_variances, importance_bars, sources
from synthsweep.compare.report.figures.dose_response import dose_curves
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.figures.fronts import frontier, fronts
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.report.figures.precision_recall import movements, parts
from synthsweep.compare.report.intervals import bracketed
from synthsweep.compare.report.names import metrics, title
from synthsweep.compare.report.tables import arms, effects, provenance, search
from synthsweep.compare.report.tables import power as power_tables
from synthsweep.compare.report.tables.associations import associations
from synthsweep.compare.report.tables.costs import costs
from synthsweep.compare.report.tables.variances import variances
from synthsweep.compare.result import Comparison, Confirmation, SearchResult
from synthsweep.pages.numbers import counted, points, score
from synthsweep.pages.pictures.picture import Picture
from synthsweep.pages.tables.table import Table

HOW_TEXTS_RELATE = {
    "shared": "All seeds are judged on the same test texts, so one resample of them serves all seeds and arms, crossed with "
    "the seeds (Owen 2007).",
    "disjoint": "Each seed is judged on test texts that no other seed is judged on, so texts are nested in seeds.",
    "overlapping": "The test texts of the seeds overlap, so the variance between seeds is raised by the correction of Nadeau "
    "and Bengio (2003).",
}


@dataclass(frozen=True)
class ReportSection:
    """One section, shown in this order: box, facts (term and text), text, pictures, tables, folded tables, code."""

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
    """Everything below the headline; `design`, `excluded_runs` and `again` are always there."""
    candidates = (
        design(answer),
        by_criterion(answer),
        by_metric(answer),
        change_parts(answer),
        heat_map(answer),
        factors(answer),
        dose(answer),
        characteristics(answer),
        variance(answer),
        power(answer),
        cost(answer),
        tfidf_baseline(answer),
        *(search_sections(answer.search) if answer.search else ()),
        excluded_runs(answer),
        again(answer),
    )
    return tuple(section for section in candidates if section is not None)


def design(answer: Comparison) -> ReportSection:
    """What was compared, and how intervals are computed."""
    tables = (*[arms.arms(answer)] * bool(answer.arms), arms.positives(answer))
    scores = (arms.scores(answer),) if answer.arms else ()
    text = (_interval(answer),) if answer.effects else ()
    return ReportSection("design", "What was compared", text, _facts(answer), tables=tables, folded=scores)


def _facts(answer: Comparison) -> tuple[tuple[str, str], ...]:
    grouped = f" of {counted(answer.test_groups, 'group')}" if answer.grouped else ""
    stated = "stated before the study" if answer.primary_stated else "not stated before the study: the default"
    facts = {
        "Design": answer.design,
        "Baseline": answer.baseline,
        "Primary metric": f"{title(answer.primary)}, {stated}" if answer.effects else "",
        **{f"Factor {factor}": ", ".join(levels) for factor, levels in answer.factors.items()},
        "Blocks": f"{len(answer.blocks)}: {', '.join(answer.blocks)}" if answer.blocks else "",
        "Test": counted(answer.test_texts, "text") + grouped,
    }
    return tuple((term, fact) for term, fact in facts.items() if fact)


def _interval(answer: Comparison) -> str:
    units = "groups of texts" if answer.grouped else "texts"
    return (
        f"A 95 % interval is about new texts and new seeds: test {units} are drawn again, scores are computed anew each time, "
        f"and the variance between seeds is added. {HOW_TEXTS_RELATE.get(answer.texts, '')}"
    )


def by_criterion(answer: Comparison) -> ReportSection | None:
    """The forest of the primary metric."""
    pictures = tuple(forests(answer))
    return ReportSection("criteria", "Effect by criterion", pictures=pictures) if pictures else None


def by_metric(answer: Comparison) -> ReportSection | None:
    """One table per metric."""
    if not answer.effects:
        return None
    first, *others = (effects.effects(answer, metric) for metric in metrics(answer))
    return ReportSection("metrics", "Effect by metric", tables=(first,), folded=tuple(others))


def change_parts(answer: Comparison) -> ReportSection | None:
    """The parts of each change: ranking and operating point."""
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


def heat_map(answer: Comparison) -> ReportSection | None:
    """The change of each arm and criterion."""
    pictures = tuple(heat_maps(answer))
    return ReportSection("heat", "Arm by criterion", pictures=pictures) if pictures else None


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
    text = "A pool that differs in one characteristic differs in others: these are associations, not effects."
    return ReportSection("characteristics", "Characteristics of the pools", (text,), tables=(associations(answer),))


def variance(answer: Comparison) -> ReportSection | None:
    """How much of the variance comes from seeds and from texts, and from which seeds."""
    pictures = (*effect_variances(answer), *sources(answer))
    if not pictures:
        return None
    tables = (variances(answer),) if answer.variances else ()
    return ReportSection("variance", "Where the variance comes from", pictures=pictures, tables=tables)


def power(answer: Comparison) -> ReportSection | None:
    """What the study can detect, and the effects that it did not detect."""
    if not answer.power:
        return None
    undetected = power_tables.no_effects(answer)
    text = (
        "An interval that holds 0 does not prove that there is no effect: beside it stands the smallest true change that would "
        "have been seen."
    )
    tables = (undetected,) if undetected.rows else ()
    return ReportSection("power", "Power beside every “no effect”", (text,), tables=(*tables, power_tables.power(answer)))


def cost(answer: Comparison) -> ReportSection | None:
    """The cost of each arm."""
    if not answer.costs:
        return None
    return ReportSection("cost", "Cost", pictures=tuple(frontier(answer)), tables=(costs(answer),))


def tfidf_baseline(answer: Comparison) -> ReportSection | None:
    """The baseline compared with TF-IDF, with a warning if it scores lower."""
    scores = answer.tfidf_baseline
    if scores is None:
        return None
    note = f": {scores.note}." if scores.note else "."
    text = (
        f"TF-IDF with logistic regression: {score(scores.tfidf_ap)}. The baseline: {score(scores.baseline_ap)}. "
        f"Macro average precision on test, on the baseline's own texts{note}"
    )
    below = scores.tfidf_ap is not None and scores.baseline_ap is not None and scores.baseline_ap < scores.tfidf_ap
    warning = "The baseline is below TF-IDF, so it is undertrained: then any addition helps for the wrong reason."
    return ReportSection("tfidf_baseline", "TF-IDF baseline", (text,), box=(warning,) if below else ())


def search_sections(result: SearchResult) -> tuple[ReportSection, ...]:
    """Best trials, importances, confirmation; none of them is an effect."""
    box = "These are not effects. A search finds a good classifier; it says nothing about what a factor does."
    goals = ", ".join(f"{name} ({way})" for name, way in zip(result.objectives, result.directions, strict=True))
    scores = [search.best_on_test(result)] * bool(result.test_scores)
    best = ReportSection(
        "search",
        "What the search found",
        (f"Objective, on dev: {goals}.", *result.notes),
        box=(box,),
        pictures=tuple(fronts(result)),
        tables=(search.trials(result), *scores),
    )
    importance = ReportSection("importances", "Importances", pictures=tuple(importance_bars(result)))
    shown = (best, importance) if importance.pictures else (best,)
    return (*shown, confirmation(result.confirmation)) if result.confirmation else shown


def confirmation(confirmed: Confirmation) -> ReportSection:
    """The best trial on seeds that did not select it."""
    text = (
        f"Trial {confirmed.trial} was selected with {confirmed.objective} {score(confirmed.selected)}. "
        f"On seeds that chose nothing ({', '.join(map(str, confirmed.seeds))}) "
        f"it scores {score(confirmed.fresh)}{bracketed(confirmed.fresh_interval, 3)}. "
        f"Optimism of the selection: {points(confirmed.optimism)} points."
    )
    return ReportSection("confirmation", "The best trial on fresh seeds", (text,))


def excluded_runs(answer: Comparison) -> ReportSection:
    """Every run that is not compared, and why."""
    text = f"{counted(len(answer.excluded), 'run')}." if answer.excluded else "None."
    tables = (provenance.excluded_runs(answer),) if answer.excluded else ()
    return ReportSection("left", "Excluded runs", (text,), tables=tables)


def again(answer: Comparison) -> ReportSection:
    """How to repeat the comparison."""
    how = answer.provenance
    text = (
        f"Made {how.made}, from {how.tracking}. {how.resamples:,} resamples, seed {how.seed}.",
        f"Commits of the runs: {', '.join(how.commits) or 'not known'}.",
    )
    return ReportSection("again", "How to make it again", text, folded=(provenance.versions(answer),), code=how.commands)
