"""The help of a verb: the keys that matter first, or all of them, or what one topic is about."""

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from synthsweep.config.compose.choices import PACKAGE, GroupEntry
from synthsweep.config.compose.describe import VerbEntry
from synthsweep.config.compose.mistakes import no_such_key
from synthsweep.config.keys.llm import ClassifierConfig, JudgeConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.config.reference import NOTHING, NUMBERS, STUDY, KeyEntry, SectionEntry
from synthsweep.config.rules import MAX_SEED
from synthsweep.config.spelling import default_text
from synthsweep.errors import ConfigError

ALL = "all"
# Sections and keys of the root, in the order in which texts pass through a run.
PARTS = {
    "Real texts": ("data", "labels"),
    "Synthetic texts": ("llm", "prompt", "generate", "privacy"),
    "From the pool to the training set": ("mix", "curation", "select", "plant", "judge", "characteristics"),
    "Training and evaluation": ("model", "classifier", "training", "evaluation"),
    "Seeds, studies and sweeps": (
        "seed", "replicates", "study", "force", "sweeps", "sweep", "objective", "hydra", "seeds", "experiment",
    ),
    "Where results are kept": ("tracking",),
}  # fmt: skip
# The first screen leaves them out.
OTHER_LLMS = (JudgeConfig.section, ClassifierConfig.section)
ASIDE = (*OTHER_LLMS, "plant", "characteristics", "experiment")
# Characters of KEY=DEFAULT before the default is cut, but for some of it, and of a list of choices before the rest is counted.
LONGEST_LEFT, SHORTEST_DEFAULT, LONGEST_CHOICES = 30, 5, 56
# Stands for a space at which no line is broken: textwrap breaks at others alone.
TIED = "\N{NO-BREAK SPACE}"
ACTS = {
    NUMBERS: "the numbers of a run",
    STUDY: "what a study is; a run's numbers follow from the texts or the choice that it leads to",
    NOTHING: "nothing: neither a run's numbers nor what a study is",
}


def print_help(console: Console, entry: VerbEntry, topics: Sequence[str]) -> None:
    """Prints the first screen, or each of the topics: `all`, a group, a section or a key.

    Raises:
        ConfigError: there is no such topic.
    """
    for topic in topics:
        _require_topic(entry, topic)
    if not topics:
        _print_first_screen(console, entry)
    for topic in topics:
        _print_topic(console, entry, topic)


def _print_topic(console: Console, entry: VerbEntry, topic: str) -> None:
    everything = topic == ALL
    for group in entry.groups:
        if topic in {group.name, _package(group.name)} or (everything and not _is_llms(group.name)):
            _print_group(console, group)
    for section in entry.sections:
        if section.name == topic or section.name.startswith(f"{topic}.") or (everything and not _is_llms(section.name)):
            _print_section(console, section)
        for key in section.keys:
            if key.name == topic:
                _print_key(console, key, section.choice)
    if everything and any(_is_llms(group.name) for group in entry.groups):
        _print_line(console, "llm@judge=CHOICE and judge.KEY: the same choices and keys, for the LLM that checks labels.")
        _print_line(console, "llm@classifier=CHOICE and classifier.KEY: the same, for the LLM that classifies with model=llm.")


def _is_llms(name: str) -> bool:
    """Whether a group or section repeats what `llm` has."""
    return _head(_package(name)) in OTHER_LLMS


def _print_first_screen(console: Console, entry: VerbEntry) -> None:
    words, flag, grouped = entry.verb.words, " [-m]" * bool(entry.verb.plugins), " [GROUP=CHOICE ...]" * bool(entry.groups)
    _print_line(console, f"synthsweep {words}{flag}{' [KEY=VALUE ...]' * bool(entry.keys)}{grouped}")
    _print_line(console, entry.verb.summary or entry.verb.purpose)
    parts = list(_first_rows(entry))
    left = max((len(row[0]) for _, rows in parts for row in rows), default=0)
    for title, rows in parts:
        console.print(Text(title, style="bold"))
        _print_rows(console, rows, left)
    if parts:
        shown = entry.groups[0].name if entry.groups else entry.keys[0].name
        _print_line(
            console,
            f"More: --help all, or --help with a {'group, section or ' * bool(entry.groups)}key, as --help {shown}.",
        )
    _print_line(console, "--cfg job shows the whole configuration, --hydra-help what Hydra offers.")


def _first_rows(entry: VerbEntry) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The parts of the first screen that have any row; the verb's own keys come first, and all of them."""
    many = issubclass(entry.verb.root, PoolConfig)
    own = [key for key in entry.keys if _is_own(key.name, entry.verb.words, many=many)]
    if own:
        yield "Its own keys", [_key_row(key) for key in own]
    # A group sets the keys that name its choice.
    set_by_group = {f"{group.name}.{name}" for group in entry.groups for name in ("name", "kind")}
    others = [key for key in entry.keys if key not in own and key.name not in set_by_group and (key.first or not many)]
    for title, names in PARTS.items():
        rows: list[tuple[str, str]] = []
        for name in names:
            if name not in ASIDE:
                rows += [_group_row(group) for group in entry.groups if group.name == name and len(group.choices) > 1]
                rows += [_key_row(key) for key in others if _head(key.name) == name]
        if rows:
            yield title, rows


def _is_own(key: str, words: str, *, many: bool) -> bool:
    """Whether a key is of this verb alone: its section is called after it, or it is a key of a root that has few."""
    known = {name for names in PARTS.values() for name in names}
    return _head(key) in words.split() or _head(key) not in known or (not many and "." not in key)


def _print_group(console: Console, group: GroupEntry) -> None:
    _print_line(console, f"  default: {group.default or 'none'}", bold=f"{group.name}=CHOICE")
    _print_rows(console, [(choice.name, choice.meaning) for choice in group.choices])
    console.print()


def _print_section(console: Console, section: SectionEntry) -> None:
    _print_line(console, f"  {section.meaning}" if section.name else "", bold=section.name or "(no section)")
    _print_rows(console, [_key_row(key) for key in section.keys])
    console.print()


def _print_key(console: Console, key: KeyEntry, choice: str) -> None:
    _print_line(console, f"  {choice}" if choice else "", bold=key.name)
    facts = {
        "meaning": key.meaning, "takes": key.takes, "range": key.range, "default": default_text(key.default),
        "acts on": ACTS.get(key.acts, ""),
    }  # fmt: skip
    _print_rows(console, [(name, text) for name, text in facts.items() if text])
    console.print()


def _print_line(console: Console, text: str, bold: str = "") -> None:
    """A line, wrapped at words; what is `bold` comes first."""
    first, *others = textwrap.wrap(f"{bold}{text}", console.width, break_on_hyphens=False, break_long_words=False) or [""]
    console.print(Text.assemble((first[: len(bold)], "bold"), first[len(bold) :]))
    for line in others:
        console.print(line)


def _print_rows(console: Console, rows: Sequence[tuple[str, str]], left: int = 0) -> None:
    """Two columns, the right one wrapped at words; a left cell wider than half of the terminal has a line of its own."""
    left = min(left or max(len(name) for name, _ in rows), console.width // 2)
    for name, text in rows:
        lines = textwrap.wrap(text, max(console.width - left - 4, 20), break_on_hyphens=False, break_long_words=False) or [""]
        if len(name) > left:
            lines = ["", *lines]
        for number, line in enumerate(lines):
            shown = Text(f"  {name if number == 0 else '':<{left}}", style="cyan" if number == 0 else "")
            shown.append(f"  {line.replace(TIED, ' ')}", style="default")
            shown.rstrip()
            console.print(shown)


def _require_topic(entry: VerbEntry, topic: str) -> None:
    sections = [section.name for section in entry.sections if section.name]
    heads = {*sections, *map(_head, sections), *(group.name for group in entry.groups)}
    known = [ALL, *sorted(heads), *(key.name for key in entry.keys)]
    if topic not in known:
        raise ConfigError(no_such_key(topic, known, otherwise=f"see synthsweep {entry.verb.words} --help {ALL}"))


def _group_row(group: GroupEntry) -> tuple[str, str]:
    names = ", ".join(choice.name for choice in group.choices)
    if len(names) > LONGEST_CHOICES:
        shown = names[:LONGEST_CHOICES].rpartition(",")[0]
        names = f"{shown}, ...; {len(group.choices)} in --help {group.name}"
    return _assigned(group.name, group.default or "null"), f"one of {names}"


def _key_row(key: KeyEntry) -> tuple[str, str]:
    return _assigned(key.name, default_text(key.default)), f"{key.meaning}{_short_range(key)}"


def _short_range(key: KeyEntry) -> str:
    """An interval, or choices that the meaning does not name; a lower bound alone goes without saying."""
    rule = key.rule
    if rule is None or rule.high == MAX_SEED:
        return ""
    if rule.choices:
        return "" if all(choice in key.meaning for choice in rule.choices) else f" ({key.range})"
    bounded = rule.high is not None or rule.below is not None
    return f" {rule.text.removeprefix('in ').replace(' ', TIED)}" if bounded else ""


def _assigned(name: str, default: str) -> str:
    """KEY=DEFAULT, with a long default cut."""
    text = f"{name}={default.splitlines()[0] if default else ''}"
    most = max(LONGEST_LEFT, len(name) + 1 + SHORTEST_DEFAULT)
    return text if text == f"{name}={default}" and len(text) <= most else f"{text[: most - 1]}…"


def _head(name: str) -> str:
    return name.partition(".")[0]


def _package(group: str) -> str:
    """`judge` of `llm@judge`: the section that a group's choices set."""
    return group.partition(PACKAGE)[2] or group
