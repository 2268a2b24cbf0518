"""What the terminal shows of an audit: the size of the sample, the findings, and the next command."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synthsweep.audit.items import PLANTED, REAL, SAMPLE, Answer, Audit
from synthsweep.audit.sample import expected_widths
from synthsweep.audit.sheets.label_studio import interface_path
from synthsweep.audit.stats.consensus import raters_of
from synthsweep.audit.stats.findings import groups_of
from synthsweep.config.commands import assign, command_line, for_shell
from synthsweep.config.compose.grammar import PLAIN_WORD
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.display.console import open_console, print_next, print_prose
from synthsweep.display.word_table import WordTable
from synthsweep.messages import listing, without_password
from synthsweep.pages.numbers import counted
from synthsweep.pages.page import DEMO_NOTE

if TYPE_CHECKING:
    from synthsweep.audit.stats.findings import Findings

DEFAULT = "default"
# The words for one part of the sample.
ONE_OF = {"all": "for all", "llm": "for an LLM", "prompt": "for a prompt", "criterion": "for a criterion", "cell": "for a cell"}


def print_export(
    audit: Audit, settings: AuditSettings, folder: Path, sheet: Path, *, new: bool, written: bool, more: str
) -> None:
    """Prints the sample, the expected width of its intervals, and the next commands, each with `more` at its end."""
    console = open_console()
    print_prose(console, sample_size(audit))
    asked = settings.n or 0
    if len(audit.of_kind(SAMPLE)) < asked or len(audit.of_kind(SAMPLE)) == sum(audit.sizes.values()):
        print_prose(console, "These are all that there are" + (f": {asked:,} were asked for." if asked else "."))
    nameless = [one.id for one in audit.labels.criteria if not one.description]
    if nameless:
        print_prose(console, f"Raters see no description of {listing(nameless)}: {_describing(nameless[0])} adds one.")
    print_prose(
        console, f"95 % intervals, if {settings.expected:.0%} are right: {', '.join(_widths(audit, settings.expected))}."
    )
    if not new:
        print_prose(console, f"This sample was drawn before: {folder} stays as it is.")
    print_prose(console, f"Sheet: {sheet}" + ("" if written else " (it was there before and may hold answers: left as it is)"))
    if sheet.suffix == ".json":
        print_prose(console, f"Label Studio's labelling interface: {interface_path(sheet)}")
    print_prose(console, f"Which LLM wrote what stands in {folder / 'key.json'}: whoever judges must not read it.")
    # A terminal breaks a long command itself, so that it can be copied whole.
    console.print(
        f"Next: {next_command('review', audit, more)}, or once the sheet is filled: "
        f"{next_command('import', audit, more)} audit.path=FILE"
    )


def _describing(label: str) -> str:
    """How a label gets a description; on the command line, Hydra takes simple names alone."""
    if PLAIN_WORD.fullmatch(label) and "." not in label and "/" not in label:
        return for_shell(f'+labels.descriptions.{label}="WORDS"')
    return "a file conf/labels/NAME.yaml of your own, with descriptions,"


def sample_size(audit: Audit) -> str:
    """Such as `140 of 4,200 texts, 10 of each of 14 LLM x prompt x criterion cells; beside them 10 planted wrong labels`."""
    counts = [sum(item.stratum == stratum for item in audit.of_kind(SAMPLE)) for stratum in audit.sizes]
    low, high = min(counts), max(counts)
    each = f"{low}" if low == high else f"{low} to {high}"
    controls = [
        f"{counted(len(audit.of_kind(kind)), noun)}"
        for kind, noun in ((REAL, "real text"), (PLANTED, "planted wrong label"))
        if audit.of_kind(kind)
    ]
    beside = f"; beside them {' and '.join(controls)}" if controls else ""
    cells = counted(len(counts), "LLM x prompt x criterion cell")
    return f"{sum(counts):,} of {counted(sum(audit.sizes.values()), 'text')}, {each} of each of {cells}{beside}."


def print_audits(audits: Sequence[tuple[Audit, Sequence[Answer]]], broken: Sequence[str], more: str) -> None:
    """Prints an error for each audit that cannot be read, then one row per audit."""
    console = open_console()
    for line in broken:
        print_prose(console, line)
    if not audits:
        if not broken:
            print_prose(console, f"There is no audit yet. Next: synthsweep audit export{more}")
        return
    table = WordTable("audit", "items", "answered", numbers=("items",))
    for audit, answers in audits:
        table.add_row(audit.name, str(len(audit.items)), _answered(audit, answers))
    console.print(table)
    console.print(
        f"Next: synthsweep audit review audit.name=NAME{more} collects verdicts, audit import in its place shows the findings"
    )


def print_reviewed(audit: Audit, answers: Sequence[Answer], more: str) -> None:
    """Prints how many items each rater has answered."""
    console = open_console()
    print_prose(console, f"Answered: {_answered(audit, answers)}.")
    print_next(console, next_command("import" if answers else "review", audit, more))


def next_command(verb: str, audit: Audit, more: str) -> str:
    """Such as `synthsweep audit import audit.name=pilot`, quoted for a shell."""
    return f"{command_line(f'audit {verb}', *_named(audit))}{more}"


def print_import(findings: "Findings", page: Path, *, added: int, run: str, tracking: TrackingConfig, more: str) -> None:
    """Prints the headline, one row per LLM, prompt and criterion, and the path of the report."""
    from synthsweep.audit.report.headline import headline

    console = open_console()
    if added:
        print_prose(console, f"{counted(added, 'new answer')} taken.")
    for sentence in headline(findings):
        print_prose(console, sentence)
    console.print(_parts(findings))
    if findings.audit.data == "demo":
        print_prose(console, DEMO_NOTE)
    if run:
        where = without_password(str(tracking.uri)) if tracking.kind == "server" else f"{tracking.folder}/"
        print_prose(console, f"Run {run}: kept in {where}, experiment {tracking.experiment}, with feedback on each text.")
    print_prose(console, f"Report: {page} (it shows texts: it stays here).")
    print_next(console, f"open {page.absolute().as_uri()} in a browser", f"{_training(findings.audit)}{more}")


def _training(audit: Audit) -> str:
    """The command that trains on the pool that was judged, or on the first of several."""
    named = [] if audit.name == DEFAULT else [assign("curation.audit", audit.name)]
    words = [word for word in (audit.pools or ((),))[0] if not word.startswith("curation=")]
    return command_line("run", *words, "curation=audited", *named)


def _parts(findings: "Findings") -> WordTable:
    """One row per LLM, prompt and criterion: five columns fit into 80 characters; the page also has the cells."""
    from synthsweep.audit.report.parts import margins, ranged

    joined = findings.whole.powered is not None
    heads = ("judged", "right, %\n[95 % interval]", "omit a label, %", *(("joined with\nthe judge, %",) if joined else ()))
    table = WordTable("part", *heads, numbers=heads, simple=True)
    for parts in ((findings.whole,), *margins(findings).values()):
        for part in parts:
            shares = (part.correctness, part.omission, *((part.powered,) if joined else ()))
            table.add_row(part.name, f"{part.right + part.wrong:,}", *(ranged(share) for share in shares))
        table.add_section()
    return table


def _widths(audit: Audit, expected: float) -> list[str]:
    """The widest interval over the parts of each division."""
    counts = {stratum: sum(item.stratum == stratum for item in audit.of_kind(SAMPLE)) for stratum in audit.sizes}
    divisions = dict.fromkeys(group for group, _, _ in groups_of(audit))
    widths = {of: max(expected_widths(counts, audit.sizes, expected, of).values()) for of in divisions}
    return [f"±{width:.2f} {ONE_OF[group]}" for group, width in widths.items() if width < 1]


def _answered(audit: Audit, answers: Sequence[Answer]) -> str:
    given = Counter(answer.rater for answer in answers)
    counts = [f"{rater} {given[rater]} of {len(audit.items)}" for rater in raters_of(answers)]
    return ", ".join(counts) or "nobody yet"


def _named(audit: Audit) -> list[str]:
    return [] if audit.name == DEFAULT else [assign("audit.name", audit.name)]
