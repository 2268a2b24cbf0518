"""The guide's page of keys, made from their declarations: `python -m synthsweep.display.keys_page` writes it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from synthsweep.config.compose.choices import GroupEntry
from synthsweep.config.compose.describe import VerbEntry, describe_verb
from synthsweep.config.keys.llm import ClassifierConfig, JudgeConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.config.reference import KeyEntry, SectionEntry, describe_sections
from synthsweep.config.spelling import default_text
from synthsweep.config.verbs import VERBS
from synthsweep.display.help import PARTS

PAGE = Path(__file__).parents[1] / "guide" / "keys.md"
LONGEST_DEFAULT = 27
INTRODUCTION = """# Keys

This page is made from the typed configuration by `python -m synthsweep.display.keys_page`.

Set a key with `KEY=VALUE` after a command, take a choice of a group with `GROUP=CHOICE`, and vary either in a study with
`-m KEY=A,B,C`. `synthsweep run --help mix.ratio` shows one key in the terminal, `synthsweep run --help llm` the choices of a
group. A default is what the command takes when nothing is set; another choice, as `data=csv`, may set another. A table has the
keys of the section above it: `epochs` of *training* is `training.epochs`.

**Acts on** says what another value changes:

- *numbers*: the numbers of a run, so that it is trained again.
- *study*: what counts as the same study; a run's numbers follow from the texts or the choice that the key leads to.
- *nothing*: neither; a study goes on, and a finished run is used again.
"""


def keys_page() -> str:
    """The page as Markdown."""
    run = describe_verb(VERBS[0])
    lines = [INTRODUCTION, *_of_a_run(run)]
    shown = {key.name for key in run.keys}
    lines.append("## Keys of one command\n")
    for verb in VERBS:
        for section in describe_sections(verb):
            # Root files set nothing else than the defaults of these keys.
            own = [key for key in section.keys if not _is_shared(key, shown, of_pool=issubclass(verb.root, PoolConfig))]
            if own:
                title = f"{section.name} (synthsweep {verb.words})" if section.name else f"synthsweep {verb.words}"
                lines.append(f"### {title}\n\n{_key_table(own, section.name)}\n")
    return "\n".join(lines)


def _is_shared(key: KeyEntry, shown: set[str], *, of_pool: bool) -> bool:
    """Whether a run has this key, with the same meaning: `study` of `compare` is another one."""
    return key.name in shown and (of_pool or "." in key.name)


def _of_a_run(run: VerbEntry) -> Iterator[str]:
    groups = {group.name: group for group in run.groups}
    for title, names in PARTS.items():
        yield f"## {title}\n"
        alone = [key for section in run.sections if not section.name for key in section.keys if key.name in names]
        if alone:
            yield f"{_key_table(alone)}\n"
        for name in names:
            if name in groups:
                yield from _choices(groups[name])
            if name == ClassifierConfig.section:
                yield "### classifier\n\nThe LLM of `model=llm`: `llm@classifier` has the choices of `llm`.\n"
            elif name == JudgeConfig.section:
                yield "### judge\n\nThe LLM that checks labels: `llm@judge` has the choices of `llm`, and `judge` its keys.\n"
            else:
                yield from (_section(one) for one in run.sections if one.name.partition(".")[0] == name and one.name)


def _choices(group: GroupEntry) -> Iterator[str]:
    rows = [(f"`{group.name}={choice.name}`", choice.meaning) for choice in group.choices]
    yield f"### {group.name}=CHOICE\n\n{_table(('choice', 'what it is'), rows)}\n"


def _section(section: SectionEntry) -> str:
    choice = f" ({section.choice})" if section.choice else ""
    return f"### {section.name}{choice}\n\n{section.meaning}.\n\n{_key_table(section.keys, section.name)}\n"


def _key_table(keys: Sequence[KeyEntry], section: str = "") -> str:
    """Keys by their names within the section: a terminal would cut whole names at 80 columns."""
    acting = all(key.acts for key in keys)
    heads = ("key", "meaning", "takes", "default", *(["acts on"] if acting else []))
    return _table(heads, [(*_cells(key, section), *([key.acts] if acting else [])) for key in keys])


def _cells(key: KeyEntry, section: str) -> tuple[str, ...]:
    return f"`{key.name.removeprefix(f'{section}.')}`", key.meaning, key.values, f"`{_short(key.default)}`"


def _short(default: object) -> str:
    text = default_text(default)
    if text == text.partition("\n")[0] and len(text) <= LONGEST_DEFAULT:
        return text
    return (
        f"{len(default)} entries" if isinstance(default, (list, dict)) else f"{text.partition(chr(10))[0][:LONGEST_DEFAULT]}…"
    )


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(keys_page(), encoding="utf-8")
    print(PAGE)
