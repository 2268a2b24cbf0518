"""The sections of the report below the answer; a section without content is left out, and the less important are folded."""

from collections.abc import Sequence

from synthsweep.compare.report.figures.bars import effect_variances, sources
from synthsweep.compare.report.figures.dose_response import dose_curves
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.figures.fronts import equal_steps, frontier
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.report.figures.learning_curve import learning_curves
from synthsweep.compare.report.figures.precision_recall import movements, parts
from synthsweep.compare.report.headline.pools import pool_lines
from synthsweep.compare.report.methods import interval_in_words, methods
from synthsweep.compare.report.names import metrics, title
from synthsweep.compare.report.next_steps import next_steps
from synthsweep.compare.report.part_sections import part_sections
from synthsweep.compare.report.search_sections import search_sections
from synthsweep.compare.report.section import ReportSection
from synthsweep.compare.report.tables import answer as answer_tables
from synthsweep.compare.report.tables import arms, effects, provenance, tests
from synthsweep.compare.report.tables import power as power_tables
from synthsweep.compare.report.tables.associations import associations, refusals
from synthsweep.compare.report.tables.corrected_precision import corrected_precision
from synthsweep.compare.report.tables.costs import costs
from synthsweep.compare.report.tables.pooled_effects import not_pooled, pooled_effects
from synthsweep.compare.report.tables.use import use
from synthsweep.compare.report.tables.variances import variances
from synthsweep.compare.report.tfidf_section import tfidf_baseline
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.numbers import counted
from synthsweep.pages.tables.table import Table

SPOKEN = 4
# Of more arms, the parts of the changes are folded.
SIDE_BY_SIDE = 2


def sections(answer: Comparison) -> tuple[ReportSection, ...]:
    """Everything below the answer; `design`, `left` and `again` are always there."""
    candidates = (
        pools(answer),
        scores(answer),
        *part_sections(answer),
        counts(answer),
        change_parts(answer),
        learning(answer),
        dose(answer),
        *(search_sections(answer.search) if answer.search else ()),
        what_next(answer),
        design(answer),
        more_forests(answer),
        by_metric(answer),
        these_texts(answer),
        heat_map(answer),
        factors(answer),
        characteristics(answer),
        variance(answer),
        power(answer),
        cost(answer),
        tfidf_baseline(answer),
        excluded_runs(answer),
        how(answer),
        again(answer),
    )
    return tuple(section for section in candidates if section is not None)


def pools(answer: Comparison) -> ReportSection | None:
    """Which LLM, which prompt."""
    if not answer.pools:
        return None
    return ReportSection("pools", "Which LLM, which prompt", pool_lines(answer), tables=(tests.pools(answer),))


def scores(answer: Comparison) -> ReportSection | None:
    """All metrics per arm, then the primary one per criterion."""
    if not answer.effects:
        return None
    folded = (arms.scores(answer),) if answer.arms else ()
    return ReportSection(
        "scores", "Scores", tables=(effects.summary(answer), answer_tables.by_criterion(answer)), folded=folded
    )


def what_next(answer: Comparison) -> ReportSection | None:
    """What to do after this study."""
    steps = next_steps(answer)
    return ReportSection("next", "What to do next", steps) if steps else None


def counts(answer: Comparison) -> ReportSection | None:
    """True and false positives per 100 test texts."""
    if not answer.counts:
        return None
    each, sums = answer_tables.counts(answer), answer_tables.count_sums(answer)
    return ReportSection("counts", "Right and wrong predictions per 100 texts", tables=(sums,), folded=(each,))


def design(answer: Comparison) -> ReportSection:
    """What was compared."""
    tables = (*[arms.arms(answer)] * bool(answer.arms), arms.positives(answer))
    return ReportSection("design", "What was compared", facts=_facts(answer), tables=tables, closed=bool(answer.effects))


def _facts(answer: Comparison) -> tuple[tuple[str, str], ...]:
    grouped = f" of {counted(answer.test_groups, 'group')}" if answer.grouped else ""
    stated = (
        "the objective of the study, fixed before it ran"
        if answer.primary_stated
        else "not stated before the study: the default"
    )
    facts = {
        "Design": answer.design,
        "Baseline": answer.baseline,
        "Primary metric": f"{title(answer.primary)}, {stated}" if answer.effects else "",
        **{f"Factor {factor}": ", ".join(levels) for factor, levels in answer.factors.items()},
        "Seeds": f"{len(answer.blocks)}: {', '.join(answer.blocks)}" if answer.blocks else "",
        "Test": counted(answer.test_texts, "text") + grouped,
    }
    return tuple((term, fact) for term, fact in facts.items() if fact)


def more_forests(answer: Comparison) -> ReportSection | None:
    """The forests of the arms that do not fit beside the answer."""
    pictures = tuple(forests(answer)[1:])
    return ReportSection("criteria", "Effect by criterion, more arms", pictures=pictures, closed=True) if pictures else None


def by_metric(answer: Comparison) -> ReportSection | None:
    """One table per metric."""
    if not answer.effects:
        return None
    first, *others = (effects.effects(answer, metric) for metric in metrics(answer))
    same = "Micro precision, recall and F1 are all the accuracy: each text has one class, and one is predicted."
    text = (interval_in_words(answer), not_pooled(answer), same if answer.kind == "single" else "")
    beside = (pooled_effects(answer), corrected_precision(answer))
    folded = (*others, *(table for table in beside if table is not None))
    return ReportSection("metrics", "Effect by metric", tuple(filter(None, text)), tables=(first,), folded=folded, closed=True)


def these_texts(answer: Comparison) -> ReportSection | None:
    """The sign-flip test by itself, so that nobody reads its p for that of an interval."""
    table = tests.sign_flips(answer)
    return ReportSection("sign_flip", "With these test texts alone", tables=(table,), closed=True) if table.rows else None


def change_parts(answer: Comparison) -> ReportSection | None:
    """The parts of each change: ranking and operating point."""
    if not answer.decompositions:
        return None
    cause = "Predicting a class more often" if answer.kind == "single" else "A lower threshold"
    text = (
        f"{cause} also gives more recall and less precision, without any better ranking. So each arm is scored a "
        "second time, with as many predicted positives as the baseline. What changes then is ranking. The rest of the "
        "change is the operating point: the arm predicts more positives, or fewer."
    )
    many = len({one.contrast for one in answer.decompositions}) > SIDE_BY_SIDE
    return ReportSection(
        "split",
        "Ranking or operating point",
        (text,),
        pictures=tuple(movements(answer)[:1]),
        tables=() if many else (effects.macro_splits(answer),),
        folded=(effects.macro_splits(answer),) if many else (),
        folded_pictures=(*movements(answer)[1:], *parts(answer)),
        closed=many,
    )


def learning(answer: Comparison) -> ReportSection | None:
    """How many real texts the synthetic ones are worth."""
    pictures = tuple(learning_curves(answer))
    if not pictures:
        return None
    lines = [answer_tables.worth_in_words(one) for one in answer.worth[:SPOKEN]]
    how_ = (
        "Read from the curve of real texts alone, linear in the logarithm of their number. The interval holds every number of "
        "real texts whose score does not differ significantly from the arm's."
    )
    return ReportSection("learning", "What synthetic texts are worth", (*lines, how_), pictures=pictures)


def heat_map(answer: Comparison) -> ReportSection | None:
    """The change of each arm and criterion; one arm is a single row, which the forest shows better."""
    pictures = tuple(heat_maps(answer)) if len({effect.contrast for effect in answer.effects}) > 1 else ()
    return ReportSection("heat", "Arm by criterion", pictures=pictures, closed=True) if pictures else None


def factors(answer: Comparison) -> ReportSection | None:
    """Main effects and interactions."""
    main = [effects.main_effects(answer)] * bool(answer.main_effects)
    cross = [effects.interactions(answer)] * bool(answer.interactions)
    if not main and not cross:
        return None
    text = "Each level is compared with the first one, averaged over the other factors. The shared control stands outside."
    return ReportSection("factors", "Main effects and interactions", (text,), tables=(*main, *cross), closed=True)


def dose(answer: Comparison) -> ReportSection | None:
    """Dose-response: the primary metric first, the others folded."""
    if not answer.doses:
        return None
    pictures = tuple(dose_curves(answer))
    beside = () if pictures else (effects.doses(answer),)
    return ReportSection(
        "doses",
        "Dose and response",
        pictures=pictures[:1],
        folded_pictures=pictures[1:],
        folded=(effects.trends(answer), *beside),
        # Beside a learning curve, another curve is a detail.
        closed=bool(answer.worth),
    )


def characteristics(answer: Comparison) -> ReportSection | None:
    """Associations, or in one line why there are none."""
    if not answer.associations:
        return None
    table = associations(answer)
    text = "A pool that differs in one characteristic differs in others: these are associations, not effects."
    shown = ((text,), (table,)) if table.rows else (refusals(answer), ())
    return ReportSection("characteristics", "Characteristics of the pools", shown[0], tables=shown[1], closed=True)


def variance(answer: Comparison) -> ReportSection | None:
    """How much of the variance comes from seeds and from texts, and from which seeds."""
    pictures = (*effect_variances(answer), *sources(answer))
    if not pictures:
        return None
    tables = (variances(answer),) if answer.variances else ()
    return ReportSection("variance", "Where the variance comes from", pictures=pictures, tables=tables, closed=True)


def power(answer: Comparison) -> ReportSection | None:
    """What the study can detect, and the effects that it did not detect."""
    if not answer.power:
        return None
    undetected = power_tables.no_effects(answer)
    text = (
        "An interval that includes 0 does not prove that there is no effect: beside it stands the smallest true change that "
        "would have been found."
    )
    tables = (*[undetected] * bool(undetected.rows), power_tables.power(answer))
    return ReportSection("power", "What could have been found", (text,), tables=tables, closed=True)


def cost(answer: Comparison) -> ReportSection | None:
    """The cost of each arm."""
    if not answer.costs:
        return None
    pictures, in_use = tuple(frontier(answer)), use(answer)
    alike = equal_steps(answer)
    text = "All arms trained for the same number of steps, so seconds of training do not set them apart."
    tables = (*([in_use] if in_use else []), costs(answer, with_seconds=not alike))
    return ReportSection("cost", "Cost", (text,) if alike else (), pictures=pictures, tables=tables, closed=in_use is None)


def excluded_runs(answer: Comparison) -> ReportSection:
    """Every run that is not compared, and why."""
    text = f"{counted(len(answer.excluded), 'run')}." if answer.excluded else "None: every run of the study is compared."
    tables = (provenance.excluded_runs(answer),) if answer.excluded else ()
    return ReportSection("left", f"Excluded runs: {len(answer.excluded)}", (text,), tables=tables, closed=True)


def how(answer: Comparison) -> ReportSection | None:
    """The methods to cite, and the prompts."""
    if not answer.effects:
        return None
    texts = tuple((f"The prompt {name}", text) for name, text in answer.setup.prompt_texts.items())
    return ReportSection("methods", "Methods, to cite", methods(answer), texts=texts)


def again(answer: Comparison) -> ReportSection:
    """How to repeat the comparison."""
    how_ = answer.provenance
    text = (
        f"Made {how_.made}, from {how_.tracking}. Intervals in closed form; seed {how_.seed}.",
        f"Commits of the runs: {', '.join(how_.commits) or 'not known'}.",
    )
    return ReportSection("again", "How to make it again", text, folded=(provenance.versions(answer),), code=how_.commands)


def tables_of(shown: Sequence[ReportSection]) -> list[Table]:
    """Each table once, including those below pictures."""
    found = [
        table
        for section in shown
        for table in (*section.all_tables, *(picture.table for picture in section.all_pictures))
        if table is not None
    ]
    return list({table.name: table for table in found}.values())
