"""What a terminal shows of a run: its texts, the table of criteria, where it is kept, and what is next."""

from collections.abc import Iterator, Mapping, Sequence

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.metrics import SUBGROUP
from synthsweep.display.console import open_console, print_next, print_prose
from synthsweep.display.took import took_line
from synthsweep.display.word_table import WordTable
from synthsweep.generate.pool import Pool
from synthsweep.messages import listing, without_password
from synthsweep.pages.numbers import counted
from synthsweep.pages.page import DEMO_NOTE
from synthsweep.run.experiment import RunResult
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record.result import ACCURACY, TABLE_METRICS

TITLES = {"f1": "F1", "average_precision": "AP"}
AVERAGES = ("macro", "micro", "weighted")


def describe_curation(prepared: TrainingData) -> str:
    """What curation did to the synthetic texts; empty if it did nothing."""
    curated = prepared.curated
    counts = {**curated.counts, "relabelled": curated.relabelled, "without a verdict": curated.unjudged}
    listed = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in counts.items() if count)
    return f"of {len(prepared.planted.examples)} synthetic texts, curation took out or changed: {listed}" if listed else ""


def describe_pool(pool: Pool) -> str:
    """How many texts of a pool show none of the labels, and what was not taken, by reason; empty where there is neither."""
    negatives = sum(not example.labels for example in pool.examples)
    parts = [f"{negatives} of {counted(len(pool.examples), 'synthetic text')} show none of the labels"] if negatives else []
    if pool.rejected:
        details = {kind: [*dict.fromkeys(one.detail for one in pool.rejected if one.kind == kind)] for kind in pool.reasons}
        counts = (f"{n} {kind}{_in_brackets(listing([*filter(None, details[kind])]))}" for kind, n in pool.reasons.items())
        parts.append(f"not taken from the pool: {', '.join(counts)}")
    return "; ".join(parts)


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def print_result(config: RunConfig, result: RunResult, prepared: TrainingData, seconds: float) -> None:
    """The table of criteria, what the command took, where the run is kept, and what to do next."""
    console = open_console()
    for part in prepared.corpus.split.tests:
        console.print(criteria_table(result.metrics, prepared.corpus.labels.ids, f"{result.name}: {part}", part))
    for table in subgroup_tables(result.metrics):
        console.print(table)
    if prepared.corpus.labels.kind == "single":
        print_prose(console, accuracy_line(result.metrics, tuple(prepared.corpus.split.tests)))
    if config.data.kind == "demo":
        print_prose(console, DEMO_NOTE)
    if result.reused:
        print_prose(console, "This run was finished before: nothing was trained. force=true trains it again.")
    console.print(took_line(seconds))
    tracking, run = config.tracking, f"Run {result.run_id}"
    where = {
        "none": "Kept nowhere (tracking=none).",
        "server": f"{run}: kept at {without_password(str(tracking.uri))}, experiment {tracking.experiment}.",
        "local": f"{run}: kept in {tracking.folder}/, experiment {tracking.experiment}.",
    }[tracking.kind]
    print_prose(console, where)
    print_next(console, *_next_steps(config, prepared))


def _next_steps(config: RunConfig, prepared: TrainingData) -> tuple[str, ...]:
    if config.tracking.kind == "none":
        return ("the same with tracking=local keeps it",)
    if prepared.mix.synthetic:
        return "the same with mix=real_only is its baseline", "synthsweep ui shows both side by side"
    texts = "" if config.labels.name == "dsm5_asd" else " llm.path=FILE.jsonl (or llm=simulator)"
    return f"the same with mix=augment{texts} adds synthetic texts", "synthsweep ui shows both side by side"


def criteria_table(
    metrics: Mapping[str, float | None], label_ids: tuple[str, ...], title: str, part: str = "test"
) -> WordTable:
    """Precision, recall, F1, AP and support on a test set, one row per criterion and average; a dash means undefined."""
    numbers = [TITLES.get(metric, metric) for metric in TABLE_METRICS]
    table = WordTable("criterion", *numbers, numbers=numbers, title=title)
    for row in (*label_ids, *AVERAGES):
        if row == AVERAGES[0]:
            table.add_section()
        # Support is a count, and its average has no meaning.
        shown = [name for name in TABLE_METRICS if not (name == "support" and row in {"macro", "weighted"})]
        table.add_row(row, *(_cell(metric, metrics.get(f"{part}/{metric}/{row}")) for metric in shown))
    return table


def accuracy_line(metrics: Mapping[str, float | None], parts: Sequence[str]) -> str:
    """The accuracy on every test set, `parts`, where each text carries exactly one label."""
    found = [_cell("accuracy", metrics.get(f"{part}/{ACCURACY}")) for part in parts]
    shown = found[0] if len(parts) == 1 else ", ".join(f"{value} on {part}" for part, value in zip(parts, found, strict=True))
    same = "the same number" if len(parts) == 1 else "the same number on each"
    return f"Accuracy {shown}: with one class per text, micro precision, recall and F1 are {same}."


def subgroup_tables(metrics: Mapping[str, float | None]) -> Iterator[WordTable]:
    """Macro averages of each subgroup of the test texts, one table per column; of classes, the accuracy first.

    Where each text has one class, the positives of all classes are the texts that have one.
    """
    single = f"test/{ACCURACY}" in metrics
    shown = ("accuracy", *TABLE_METRICS[:-1]) if single else TABLE_METRICS
    averages = "accuracy and macro averages" if single else "macro averages; support: positives"
    numbers = ["texts", *(TITLES.get(metric, metric) for metric in shown)]
    places = [name.split("/")[1:3] for name in metrics if name.startswith(f"{SUBGROUP}/") and name.endswith("/examples")]
    for column in dict.fromkeys(column for column, _ in places):
        table = WordTable(column, *numbers, numbers=numbers, title=f"test by {column}, {averages}")
        for value in (value for of, value in places if of == column):
            cells = [_of_subgroup(metrics, f"{SUBGROUP}/{column}/{value}", metric) for metric in shown]
            table.add_row(value, _cell("support", metrics[f"{SUBGROUP}/{column}/{value}/examples"]), *cells)
        yield table


def _of_subgroup(metrics: Mapping[str, float | None], where: str, metric: str) -> str:
    return _cell(metric, metrics.get(f"{where}/{metric}/{'micro' if metric in {'support', 'accuracy'} else 'macro'}"))


def _cell(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return str(int(value)) if metric == "support" else f"{value:.3f}"
