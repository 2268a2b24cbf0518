"""Tables of all that is no effect: arms, criteria, characteristics, variance, power, cost, search, runs left out; pure."""

from collections.abc import Iterator, Mapping, Sequence

from synthsweep.compare.report.numbers import between, changed, money, percent, plain, points, score, signed
from synthsweep.compare.report.tables.effects import SUMMARY, contrasts, criteria, title
from synthsweep.compare.report.tables.layout import grouped, table
from synthsweep.compare.result import ArmCost, ArmScores, Association, Comparison, Effect, Power, SearchResult, SearchTrial
from synthsweep.pages.table import Table

# What a glance takes in; the CSV file has all.
TRIALS = 20
FACTS = {"train/real": "real texts", "train/synthetic": "synthetic texts", "train/steps": "steps"}


def arms(answer: Comparison) -> Table:
    """What each arm is: its factors, its runs, its facts."""
    factors = tuple(dict.fromkeys(key for arm in answer.arms for key in arm.assignment))
    columns = {"arm": "l", **dict.fromkeys(factors, "l"), "runs": "r", **dict.fromkeys(FACTS.values(), "r")}
    rows = [(_arm_name(arm, answer), *_settings(arm, factors), str(arm.runs), *_facts(arm)) for arm in answer.arms]
    return table("arms", "Arms: settings, runs, and means over the runs", columns, rows)


def _arm_name(arm: ArmScores, answer: Comparison) -> str:
    return f"{arm.arm} (baseline)" if arm.arm == answer.baseline else arm.arm


def _settings(arm: ArmScores, factors: Sequence[str]) -> tuple[str, ...]:
    return tuple(arm.assignment.get(factor, "") for factor in factors)


def _facts(arm: ArmScores) -> tuple[str, ...]:
    return tuple(f"{arm.facts[fact]:,.6g}" if fact in arm.facts else "" for fact in FACTS)


def scores(answer: Comparison) -> Table:
    """The scores themselves, mean and standard deviation over the blocks."""
    columns = {"arm": "l", **{title(metric): "r" for metric in SUMMARY}}
    rows = [
        (_arm_name(arm, answer), *(score(*arm.scores.get(f"{metric}/macro", (None, None))) for metric in SUMMARY))
        for arm in answer.arms
    ]
    return table("scores", "Scores on test: macro averages, mean ± standard deviation over seeds", columns, rows)


def positives(answer: Comparison) -> Table:
    """The criteria, what they are called, and how many test texts show each."""
    rows = [
        (label, "" if answer.label_names.get(label) == label else answer.label_names.get(label, ""), _positives(answer, label))
        for label in answer.labels
    ]
    caption = f"Criteria, and their positives among the {answer.test_texts:,} test texts"
    return table("positives", caption, {"criterion": "l", "name": "l", "positives": "r"}, rows)


def _positives(answer: Comparison, label: str) -> str:
    return f"{answer.positives[label]:,}" if label in answer.positives else ""


def associations(answer: Comparison) -> Table:
    """Characteristics of pools against outcomes; a refusal says why there is no number."""
    columns = {
        "characteristic": "l",
        "outcome": "l",
        "pools": "r",
        "correlation [95 %]": "r",
        "partial [95 %]": "r",
        "held fixed": "l",
        "no number, because": "l",
    }
    rows = [_association(found) for found in answer.associations]
    caption = "Characteristics of the pools and what they did: associations, no effects"
    return table("associations", caption, columns, rows, "The unit is the pool: fewer than eight say nothing.")


def _association(found: Association) -> tuple[str, ...]:
    return (
        found.characteristic,
        title(found.outcome),
        str(found.pools),
        plain(found.correlation) + between(found.interval),
        plain(found.partial) + between(found.partial_interval),
        ", ".join(found.confounders),
        found.refused,
    )


def variances(answer: Comparison) -> Table:
    """Sources of the variance of a score, as far as seeds were varied apart."""
    columns = {"source": "l", "levels": "r", "standard deviation, points": "r", "share": "r"}
    groups: dict[str, list[Sequence[str]]] = {}
    for found in answer.variances:
        deviation = f"{100 * found.variance**0.5:.1f}"
        row = (found.source, str(found.levels), deviation, percent(found.share))
        groups.setdefault(f"{title(found.metric)}, {found.criterion}", []).append(row)
    return table("variances", "Sources of variance of a score", columns, grouped(groups))


def power(answer: Comparison) -> Table:
    """What these seeds and texts can find, a criterion a row."""
    columns = {
        "criterion": "l",
        "positives": "r",
        "seeds": "r",
        "sd, seeds": "r",
        "sd, texts": "r",
        "detectable": "r",
        "wanted": "r",
        "seeds needed": "r",
    }
    notes = [f"Variances: {basis}." for basis in dict.fromkeys(row.basis for row in answer.power) if basis]
    caption = f"Smallest true change in {title(answer.primary)} that this study can find, in points"
    return table("power", caption, columns, [_power(row) for row in answer.power], *notes)


def _power(row: Power) -> tuple[str, ...]:
    never = "no number is enough" if row.wanted is not None and row.seeds_needed is None else ""
    return (
        row.criterion,
        f"{row.positives:,}",
        str(row.seeds),
        f"{100 * row.seed_sd:.1f}",
        f"{100 * row.text_sd:.1f}",
        points(row.detectable),
        "" if row.wanted is None else points(row.wanted),
        never or ("" if row.seeds_needed is None else f"{row.seeds_needed:,}"),
    )


def no_effects(answer: Comparison) -> Table:
    """Each change whose interval holds 0, beside what would have been found."""
    found = {row.criterion: row for row in answer.power}
    groups = {
        arm: [_silent(effect, found.get(effect.criterion)) for effect in _silent_effects(answer, arm)]
        for arm in contrasts(answer)
    }
    columns = {"criterion": "l", "change [95 %], points": "r", "detectable, points": "r", "seeds needed": "r"}
    caption = f"No effect seen in {title(answer.primary)}, and the smallest change that would have been seen"
    return table("no_effects", caption, columns, grouped(groups))


def _silent_effects(answer: Comparison, arm: str) -> Iterator[Effect]:
    for criterion in criteria(answer):
        effect = answer.effect(arm, answer.primary, criterion)
        if effect is not None and effect.interval is not None and not effect.interval.excludes_zero:
            yield effect


def _silent(effect: Effect, row: Power | None) -> tuple[str, ...]:
    if row is None:
        return (effect.criterion, changed(effect), "", "")
    return (effect.criterion, changed(effect), points(row.detectable), _power(row)[-1])


def costs(answer: Comparison) -> Table:
    """Dollars, tokens and seconds, beside the points gained."""
    columns = {
        "arm": "l",
        "synthetic texts": "r",
        "dollars": "r",
        "tokens": "r",
        "training, s": "r",
        "F1, points": "r",
        "AP, points": "r",
        "$ a point F1": "r",
        "$ a point AP": "r",
        "s a point AP": "r",
        "frontier": "l",
    }
    note = "Frontier: no other arm gives more for less. AP: average precision. Means over the runs of an arm."
    return table("costs", "What an arm took and gave", columns, [_cost(row) for row in answer.costs], note)


def _cost(row: ArmCost) -> tuple[str, ...]:
    return (
        row.arm,
        f"{row.synthetic_texts:,.0f}",
        money(row.usd),
        plain(row.tokens, 0),
        plain(row.train_s, 1),
        signed(row.f1_points),
        signed(row.ap_points),
        money(row.usd_per_f1_point),
        money(row.usd_per_ap_point),
        plain(row.extra_s_per_ap_point, 1),
        "yes" if row.frontier else "",
    )


def trials(search: SearchResult) -> Table:
    """The trials, those of the front first, then by the first objective."""
    factors = tuple(dict.fromkeys(key for trial in search.trials for key in trial.assignment))
    columns = {"trial": "r", **dict.fromkeys(search.objectives, "r"), "state": "l", "front": "l", **dict.fromkeys(factors, "l")}
    shown = ranked(search)[:TRIALS]
    rows = [_trial(trial, len(search.objectives), factors) for trial in shown]
    left = len(search.trials) - len(shown)
    note = f"And {left:,} more, in the CSV file." if left else ""
    return table("trials", "Trials of the search, the best first, on dev", columns, rows, note)


def ranked(search: SearchResult) -> list[SearchTrial]:
    """Front first, then the better in the first objective; what has no value comes last."""
    sign = -1 if search.directions[0] == "maximize" else 1

    def place(trial: SearchTrial) -> tuple[bool, bool, float]:
        value = trial.values[0] if trial.values else None
        return (not trial.front, value is None, 0.0 if value is None else sign * value)

    return sorted(search.trials, key=place)


def _trial(trial: SearchTrial, objectives: int, factors: Sequence[str]) -> tuple[str, ...]:
    values = (*trial.values, *[None] * objectives)[:objectives]
    settings = (trial.assignment.get(factor, "") for factor in factors)
    return (str(trial.number), *map(score, values), trial.state, "yes" if trial.front else "", *settings)


def importances(search: SearchResult) -> Table:
    """Importance of each factor, an objective a column."""
    factors = dict.fromkeys(factor for of in search.importances.values() for factor in of)
    rows = [(factor, *(plain(of.get(factor), 3) for of in search.importances.values())) for factor in factors]
    columns = {"factor": "l", **dict.fromkeys(search.importances, "r")}
    return table(
        "importances", "Importance of each factor, by objective", columns, rows, "They say where the sampler looked, too."
    )


def test_scores(search: SearchResult) -> Table:
    """Test scores of the best trial."""
    return _pairs("test_scores", "The best trial on test", ("score", "value"), _scored(search.test_scores))


def _scored(found: Mapping[str, float | None]) -> list[tuple[str, str]]:
    return [(name, score(value)) for name, value in found.items()]


def left(answer: Comparison) -> Table:
    """Every run that is not compared."""
    rows = [(run.name, run.run_id, run.status, run.reason) for run in answer.excluded]
    return table("left", "Runs that are not compared, and why", dict.fromkeys(("run", "id", "status", "reason"), "l"), rows)


def versions(answer: Comparison) -> Table:
    """What it was made with."""
    return _pairs("versions", "Versions", ("package", "version"), sorted(answer.provenance.versions.items()))


def _pairs(name: str, caption: str, heads: tuple[str, str], rows: Sequence[tuple[str, str]]) -> Table:
    align = "r" if name == "test_scores" else "l"
    return table(name, caption, {heads[0]: "l", heads[1]: align}, rows)
