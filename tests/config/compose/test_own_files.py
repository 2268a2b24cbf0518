"""Mistakes in a user's own YAML files: one line with file, line, rule and way out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from synthsweep.config.compose.own_files import line_of

HEAD = "# @package _global_\n# What?\n"
FACTOR = "hydra:\n  sweeper:\n    params:\n      {}\n"
# What stands in sweeps/mine.yaml, and what is said of it.
MISTAKES = {
    "an open bracket": (f"{HEAD}replicates: [2\nforce: true\n", "line 4: the bracket of line 3 is not closed before"),
    "an open quotation mark": (f'{HEAD}study: "mine\n', "line 4: the quotation mark of line 3 is not closed"),
    "a tab": (f"{HEAD}mix:\n\tratio: 1\n", "line 4: a tab: YAML indents with spaces alone"),
    "indentation": (f"{HEAD}mix:\n  ratio: 1\n   arm: x\n", "line 5: it is indented otherwise than the line above"),
    "the same key twice": (f"{HEAD}study: a\nstudy: b\n", "line 4: study stands twice: keep one of the two lines"),
    "an unknown key": (f"{HEAD}mix:\n  ration: 1\n", "line 4: mix.ration: no such key; did you mean mix.ratio?"),
    "an unknown key of a sweep": (
        f"{HEAD}hydra:\n  sweeper:\n    n_trails: 3\n",
        "line 5: hydra.sweeper.n_trails: no such key; did you mean hydra.sweeper.n_trials?",
    ),
    "a wrong type": (f"{HEAD}mix:\n  ratio: lots\n", "line 4: mix.ratio must be a number, got lots"),
    "a wrong range": (HEAD + FACTOR.format("mix.ratio: 0,17"), "line 6: mix.ratio must be in [0, 10], got 17.0"),
    "an unknown factor": (HEAD + FACTOR.format("mix.rato: 0,1"), "line 6: mix.rato: no such key; did you mean mix.ratio?"),
    "a reference to nothing": (f"{HEAD}mix:\n  ratio: ${{mix.rato}}\n", "line 4: mix.ratio: ${mix.rato} names no key"),
    "a choice that is not there": (
        f"{HEAD}defaults:\n  - override /mix: augmnt\n",
        "line 4: mix=augmnt: no such choice; did you mean augment?",
    ),
    "a group that is not there": (
        f"{HEAD}defaults:\n  - override /mixx: augment\n",
        "line 4: mixx: no such key; did you mean mix?",
    ),
    "a choice without override": (f"{HEAD}defaults:\n  - /mix: augment\n", "write - override /mix: CHOICE"),
    "a list of choices": (
        f"{HEAD}defaults:\n  - override /mix: [augment, duplicate_real]\n",
        "line 4: mix: one choice, not a list; to vary it write mix: augment,duplicate_real below hydra.sweeper.params",
    ),
    "a choice without its group": (f"{HEAD}defaults:\n  - override /mix\n", "got 'override /mix'"),
    "keys in the place of a choice": (f"{HEAD}defaults:\n  - mix:\n      ratio: 1\n", "line 4: mix: the name of a choice"),
    "a group of the wrong folder": (
        f"{HEAD}defaults:\n  - mix: augment\n",
        "line 4: mix: a file of sweeps/ takes a choice of conf/",
    ),
    "a section as a list": (f"{HEAD}mix: [1]\n", "mix must hold lines of KEY: VALUE, got [1]"),
    "a section without keys": (f"{HEAD}mix:\n", "line 3: mix must not be null: give it a value, or leave it out"),
    "no list of defaults": (f"{HEAD}defaults: augment\n", "line 3: defaults must be a list"),
    "no package": ("# What?\nreplicates: 2\n", "line 1: the first line must be # @package _global_"),
    "a byte order mark": (f"\ufeff{HEAD}replicates: 2\n", "line 1: it begins with a byte order mark"),
    "a list": ("- a\n", "line 1: it must hold lines of KEY: VALUE"),
    "nothing": ("", "line 1: it must hold lines of KEY: VALUE"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_an_own_sweep_is_one_line(cli: Callable[..., Answer], mistake: str) -> None:
    """File, line, rule and way out; status 2, no traceback, and nothing is written."""
    text, expected = MISTAKES[mistake]
    Path("sweeps").mkdir()
    Path("sweeps/mine.yaml").write_text(text, encoding="utf-8")

    answer = cli("run", "-m", "sweeps=mine", "sweep.dry_run=true")

    assert (answer.status, len(answer.err), answer.out) == (2, 1, "")
    assert answer.err[0].startswith("synthsweep: sweeps/mine.yaml")
    assert expected in answer.err[0]
    assert not Path("mlruns/optuna.db").exists()


def test_a_choice_that_is_not_utf_8_is_named(cli: Callable[..., Answer]) -> None:
    """The line of its first wrong letter."""
    Path("conf/prompt").mkdir(parents=True)
    Path("conf/prompt/mine.yaml").write_bytes("variant: mine\nsystem: na\xefve\n".encode("latin-1"))

    answer = cli("run", "prompt=mine")

    assert (answer.status, answer.err) == (
        2,
        ["synthsweep: conf/prompt/mine.yaml line 2: a letter that is not UTF-8: save the file as UTF-8"],
    )


def test_a_key_that_was_given_on_the_command_line_names_no_file(cli: Callable[..., Answer]) -> None:
    """The mistake is where the value comes from."""
    Path("sweeps").mkdir()
    Path("sweeps/mine.yaml").write_text(f"{HEAD}mix:\n  ratio: 1\n", encoding="utf-8")

    answer = cli("run", "-m", "sweeps=mine", "mix.ratio=-1", "sweep.dry_run=true")

    assert answer.err == ["synthsweep: mix.ratio must be in [0, 10], got -1.0: synthetic texts for each real one"]


def test_the_line_of_a_key_is_found_in_a_file_of_a_group() -> None:
    """Such a file has the keys of its group without the group's name."""
    Path("mine.yaml").write_text("# Mine\nvariant: mine\nattributes:\n  age: [2]\n", encoding="utf-8")

    found = [line_of(Path("mine.yaml"), key) for key in ("prompt.variant", "prompt.attributes.age", "prompt.system")]

    assert found == [2, 4, None]


def test_what_is_no_file_of_choices_hides_no_help(cli: Callable[..., Answer]) -> None:
    """A folder or a letter that is not UTF-8 is a mistake when it is chosen, and not before."""
    Path("conf/mix/folder.yaml").mkdir(parents=True)
    Path("conf/mix/latin.yaml").write_bytes(b"# \xe9\narm: augment\n")
    Path("sweeps/folder.yaml").mkdir(parents=True)

    answers = [cli("run", "--help", "mix"), cli("sweeps")]

    assert [(answer.status, answer.err) for answer in answers] == [(0, []), (0, [])]
    assert "latin" in answers[0].out


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("arm: [augment]", "conf/mix/mine.yaml line 1: mix.arm must be one value, got a list: "),
        ("defaults: [mine]", "a file of conf/ or sweeps/ includes itself by its defaults list"),
        ("mix.ratio: 1", "conf/mix/mine.yaml line 1: mix.mix.ratio: no such key"),
    ],
)
def test_a_mistake_in_an_own_choice_is_one_line(cli: Callable[..., Answer], content: str, line: str) -> None:
    Path("conf/mix").mkdir(parents=True)
    Path("conf/mix/mine.yaml").write_text(f"{content}\n", encoding="utf-8")

    answer = cli("run", "mix=mine")

    assert (answer.status, len(answer.err)) == (2, 1)
    assert answer.err[0].startswith(f"synthsweep: {line}")


def test_a_key_with_dots_is_written_on_lines(cli: Callable[..., Answer]) -> None:
    """As below hydra.sweeper.params, where such keys are right."""
    Path("conf/experiment").mkdir(parents=True)
    Path("conf/experiment/mine.yaml").write_text(f"{HEAD}training.epochs: 3\n", encoding="utf-8")

    answer = cli("run", "experiment=mine")

    assert answer.err[0].endswith("training.epochs: in a file write training: and epochs: below one another")


def test_a_mistake_in_a_file_of_another_folder_says_what_is_wrong(cli: Callable[..., Answer]) -> None:
    """`--config-dir` names it."""
    Path("lab/mix").mkdir(parents=True)
    Path("lab/mix/ext.yaml").write_text("ratoi: 1\n", encoding="utf-8")

    answer = cli("run", "--config-dir", "lab", "mix=ext")

    assert answer.err == ["synthsweep: mix/ext: mix.ratoi: no such key; did you mean mix.ratio?"]


def test_a_mistake_in_a_file_that_another_one_chooses_names_the_file(cli: Callable[..., Answer]) -> None:
    """Not the one on the command line; also for a value that only a check finds."""
    Path("sweeps").mkdir()
    Path("conf/experiment").mkdir(parents=True)
    Path("sweeps/mine.yaml").write_text(f"{HEAD}defaults:\n  - override /experiment: base\n", encoding="utf-8")
    wrong = {}
    for key, value in {"ratoi": 2, "ratio": 17}.items():
        Path("conf/experiment/base.yaml").write_text(f"{HEAD}mix:\n  {key}: {value}\n", encoding="utf-8")
        wrong[key] = cli("run", "-m", "sweeps=mine", "seed=1,2", "sweep.dry_run=true").err[-1]

    assert wrong["ratoi"].startswith("synthsweep: conf/experiment/base.yaml line 4: mix.ratoi: no such key")
    assert wrong["ratio"].startswith("synthsweep: conf/experiment/base.yaml line 4: mix.ratio must be in [0, 10], got 17")
