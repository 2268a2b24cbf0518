"""What may follow the words of a command line that is being typed: verbs, flags, groups, choices, keys, values."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from synthsweep.cli.completion.keys import Known, choices_of, kept_studies, known_of
from synthsweep.cli.guide import SUMMARY
from synthsweep.cli.guide import WORDS as GUIDE
from synthsweep.config.verbs import VERBS, Verb

SHELLS = ("bash", "zsh", "fish")
TOP = {
    "--help": "the verbs, and first steps",
    "--version": "the version",
    "--shell-completion": "prints the completion of bash, zsh or fish",
}
# Hydra's own flags, of every verb that is one of its applications.
FLAGS = {
    "--help": "the choices and keys of this verb",
    "--multirun": "vary keys: KEY=A,B",
    "--cfg": "print the configuration instead of running it",
    "--resolve": "with --cfg: with the values of its references",
    "--package": "with --cfg: only this part",
    "--info": "print what Hydra knows",
    "--config-dir": "a folder with more choices",
    "--hydra-help": "what Hydra can do",
}
VALUES = {
    "--cfg": ("job", "hydra", "all"),
    "-c": ("job", "hydra", "all"),
    "--info": ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
    "-i": ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
    "--shell-completion": SHELLS,
    "-sc": SHELLS,
}
Candidate = tuple[str, str]


def candidates(words: Sequence[str]) -> list[Candidate]:
    """Each possible last word with its meaning; `words` follow `synthsweep`, and the last of them is incomplete."""
    *before, current = words or [""]
    known = VALUES.get(before[-1]) if before else None
    found = ((value, "") for value in known) if known else _after(before, current)
    return sorted({one for one in found if one[0].startswith(current)})


def _after(before: Sequence[str], current: str) -> Iterator[Candidate]:
    first = before[0] if before else ""
    if not before:
        yield from ((verb.words, verb.summary) for verb in VERBS if verb.summary)
        yield GUIDE, SUMMARY
        yield from TOP.items() if current.startswith("-") else ()
        return
    if first == GUIDE:
        yield from _topics() if len(before) == 1 else ()
        return
    verbs = {verb.words: verb for verb in VERBS}
    if first not in verbs:
        return
    if len(before) == 1:
        yield from ((words.partition(" ")[2], "") for words in verbs if words.startswith(f"{first} "))
    verb = verbs.get(" ".join(before[:2]), verbs[first])
    yield from FLAGS.items() if current.startswith("-") else _overrides(verb, current, _more_folders(before))


def _topics() -> Iterator[Candidate]:
    from synthsweep.display.guide import topics

    yield from ((topic, "") for topic in topics())


def _more_folders(before: Sequence[str]) -> tuple[Path, ...]:
    """The folders that --config-dir names."""
    apart = [after for flag, after in pairwise(before) if flag in {"--config-dir", "-cd"}]
    joined = [word.partition("=")[2] for word in before if word.startswith("--config-dir=")]
    return tuple(Path(name) for name in (*apart, *joined))


def _overrides(verb: Verb, current: str, folders: Sequence[Path]) -> Iterator[Candidate]:
    """What completes `KEY=VALUE` or `GROUP=CHOICE`; of a list `A,B` the last part is completed."""
    typed = current.lstrip("+~")
    sign = current[: len(current) - len(typed)]
    key, equals, value = typed.partition("=")
    known = known_of(verb)
    if not equals:
        yield from ((sign + name, meaning) for name, meaning in _names(known, key))
        return
    done = value[: len(value) - len(value.rpartition(",")[2])]
    values = choices_of(key, folders) if key in known.groups else known.values.get(key, ())
    if key == "study":
        values = kept_studies()
    yield from ((f"{sign}{key}={done}{one}", "") for one in values if one not in done.split(","))


def _names(known: Known, typed: str) -> Iterator[Candidate]:
    """Groups, and keys down to the next dot: `mix.` first, and `mix.ratio=` once that is typed."""
    depth = typed.count(".")
    if not depth:
        yield from ((f"{group}=", "a choice") for group in known.groups if "/" not in group or "/" in typed)
    for key, meaning in known.keys.items():
        parts = key.split(".")
        if len(parts) == depth + 1:
            yield f"{key}=", meaning
        elif len(parts) > depth + 1:
            yield f"{'.'.join(parts[: depth + 1])}.", "keys"
