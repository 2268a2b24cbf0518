"""The help of a verb, as a terminal shows it."""

import io

import pytest

from synthsweep.config.compose.describe import VerbEntry, describe_verb
from synthsweep.config.verbs import VERBS
from synthsweep.display.console import open_console
from synthsweep.display.help import print_help

LINES = 60


@pytest.fixture(scope="module")
def run() -> VerbEntry:
    return describe_verb(VERBS[0])


@pytest.fixture(scope="module")
def ui() -> VerbEntry:
    return describe_verb(next(verb for verb in VERBS if verb.words == "ui"))


def shown(entry: VerbEntry, *topics: str, width: int = 80, terminal: bool = False) -> str:
    file = io.StringIO()
    print_help(
        open_console(file, width=width, force_terminal=terminal, color_system="standard" if terminal else None), entry, topics
    )
    return file.getvalue()


def test_the_first_screen_has_the_keys_that_matter(run: VerbEntry) -> None:
    """Each on its line with default, meaning and range; the rest is a word away."""
    page = shown(run)

    assert len(page.splitlines()) <= LINES
    assert "\n  mix.ratio=0.5                   synthetic texts for each real one [0, 10]\n" in page
    assert "\n  data=demo                       one of csv, demo, hub, jsonl, parquet\n" in page
    assert "\n  training.learning_rate=0.0001   highest learning rate of AdamW (0, 1]\n" in page
    assert "training.label_smoothing" not in page
    assert "--help all" in page


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("topics", [(), ("all",)], ids=["first screen", "all"])
def test_no_line_is_longer_than_the_terminal(run: VerbEntry, width: int, topics: tuple[str, ...]) -> None:
    """Lines break between words, and end without blanks; a range is never torn."""
    lines = shown(run, *topics, width=width).splitlines()

    # A name or a path that is longer than its column stays whole, so that it can be copied.
    assert [line for line in lines if len(line) > width and " " in line.strip()] == []
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if line.endswith(("[0,", "(0,", "[1,"))] == []


def test_a_pipe_gets_no_colour(run: VerbEntry) -> None:
    assert "\x1b" not in shown(run)
    assert "\x1b[1m" in shown(run, terminal=True)


def test_everything_has_every_key_once(run: VerbEntry) -> None:
    """The judge and the classifier have the keys of an LLM, so they are not said again."""
    page = shown(run, "all")

    names = [line.split("=")[0].split()[0] for line in page.splitlines() if line.startswith("  ") and line[2:3].strip()]
    assert {key.name for key in run.keys if not key.name.startswith(("judge.", "classifier."))} <= set(names)
    assert page.count("  llm.temperature=") == 1


def test_a_small_verb_shows_what_acts_there(ui: VerbEntry) -> None:
    """`ui` shows a store: no LLM, no model."""

    assert shown(ui).splitlines() == [
        "synthsweep ui [KEY=VALUE ...] [GROUP=CHOICE ...]",
        "the MLflow UI on mlruns/, on 127.0.0.1 alone",
        "Its own keys",
        "  ui.port=5000                    port of the MLflow UI on 127.0.0.1 [1, 65535]",
        "Where results are kept",
        "  tracking=local                  one of local, none, server",
        "  tracking.uri=null               MLflow server; null: store in tracking.folder",
        "  tracking.folder=mlruns          the only folder that is written to",
        "  tracking.experiment=synthsweep  MLflow's experiment that holds the runs",
        "More: --help all, or --help with a group, section or key, as --help tracking.",
        "--cfg job shows the whole configuration, --hydra-help what Hydra offers.",
    ]


def test_a_key_a_section_and_a_group_can_be_asked_for(run: VerbEntry) -> None:
    """A group comes with the keys of its section and of those within it."""

    assert shown(run, "mix.ratio").split("\n")[:6] == [
        "mix.ratio",
        "  meaning  synthetic texts for each real one",
        "  takes    number",
        "  range    in [0, 10]",
        "  default  0.5",
        "  acts on  the numbers of a run",
    ]
    group = shown(run, "llm")
    assert "llm=CHOICE  default: recorded" in group
    assert "  vllm               A vLLM server of your own" in group
    assert "  llm.simulator.style_gap=0 " in group
    assert "judge" not in group
    assert "hydra.launcher.gpus_per_worker=0 " in shown(run, "hydra.launcher")
