import re
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from synthsweep.config.compose.explain import COMPOSITION_ERRORS, explain, known_keys, unknown_key
from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.other_names import WORKERS
from synthsweep.config.compose.register import register_roots


def line(*overrides: str, verb: str = "run") -> str:
    """What a user reads who gave these overrides."""
    register_roots()
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"), pytest.raises(COMPOSITION_ERRORS) as refused:
        compose(verb, list(overrides))
    return explain(refused.value, verb)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("mix.ration=1", "mix.ration: no such key; did you mean mix.ratio?"),
        ("training.learningrate=1", "training.learningrate: no such key; did you mean training.learning_rate?"),
        ("sed=3", "sed: no such key; did you mean seed?"),
        ("mixx=augment", "mixx: no such key; did you mean mix?"),
        ("hydra.sweeper.n_worker=2", f"hydra.sweeper.n_worker: no such key; {WORKERS}"),
        ("hydra.launcher.n_worker=2", f"hydra.launcher.n_worker: no such key; {WORKERS}"),
        (
            "hydra.sweeper.params={mix.ratio: [0,1]}",
            "hydra.sweeper.params.mix.ratio: no such key; in a command vary the key itself, as in mix.ratio=A,B; "
            "hydra.sweeper.params is for files",
        ),
        ("~nothing", "nothing: there is nothing of this name to take out"),
        (
            "~mix.ratio",
            "mix.ratio: only a group can be taken out with ~; a key has a value always: leave it out for its default",
        ),
        ("+mix.ratio=1", "mix.ratio: there is such a key; leave the + out"),
        ("mix@other=augment", "mix: the group has one place: leave the @ and what follows out: mix=CHOICE"),
        ("hydra.sweeper.n_trial=1", "hydra.sweeper.n_trial: no such key; did you mean hydra.sweeper.n_trials?"),
        (
            "mix.zzz=1",
            "mix.zzz: no such key; mix has arm, ratio, count, source, targets, tolerance, synthetic_weight, curriculum",
        ),
        ("completely_else=3", "completely_else: no such key; see synthsweep run --help"),
        ("labels.names.Z=Zeta", "labels.names.Z: there is no such entry; to add it write +labels.names.Z=VALUE"),
        (
            "prompt.attributes={age: [2]}",
            "prompt.attributes.age: there is no such entry; to add it write +prompt.attributes.age=VALUE",
        ),
        (
            "mix=augmnet",
            "mix=augmnet: no such choice; did you mean augment? there are augment, duplicate_real, more_real, "
            "prevalence_matched, real_only, shuffled_labels, size_matched, synthetic_only, target",
        ),
        (
            "prompt=zzz",
            "prompt=zzz: no such choice; "
            "there are attributed, contrastive, detailed, diverse, diverse_class, few_shot, few_shot_class, multilabel, "
            "negative, persona, plain, rewrite",
        ),
        ("experiment=c", "experiment=c: no such choice; did you mean ci? there are ci"),
        ("mix.ratio=abc", "mix.ratio must be a number, got abc: synthetic texts for each real one"),
        ("training.epochs=1.5", "training.epochs must be a whole number, got 1.5: passes over the texts at most"),
        ("training.epochs=null", "training.epochs must not be null: give it a value, or leave it out"),
        ("force=maybe", "force must be true or false, got maybe: true trains again what is finished already"),
        ("mix.ratio=0,1", "mix.ratio=0,1: to vary it add -m; for a list write KEY=[A,B]"),
        ("mix.ratio", "mix.ratio: this is no override (missing EQUAL at '<EOF>'); write KEY=VALUE, without spaces"),
        (
            "mix.ratio=[1",
            "mix.ratio=[1: this is no override (no viable alternative at input '[1'); write KEY=VALUE, without spaces",
        ),
        ("--mix", "--mix: this is no override (LexerNoViableAltException: --mix); write KEY=VALUE, without spaces"),
        ("=", "Could not override ''. No match in the defaults list."),
        (
            "+mix=augment",
            "mix: it is chosen twice; leave a + before it out; in a defaults list write - override /mix: CHOICE",
        ),
    ],
)
def test_a_wrong_override_gives_one_line_with_its_way_out(override: str, expected: str) -> None:
    """Hydra's own errors take up to ten lines and name Hydra's internals."""

    assert line(override) == expected


def test_each_verb_suggests_its_own_keys() -> None:
    """A key of `run` is not one of `ui`."""

    assert line("ui.prot=1", verb="ui") == "ui.prot: no such key; did you mean ui.port?"
    assert line("mix.ratio=1", verb="ui") == "mix: no such key; it is a key of synthsweep run"
    assert line("training.epochs=1", verb="compare") == "training: no such key; it is a key of synthsweep run"
    assert line("training.epochs=1", verb="work").startswith("training: no such key; what the runs of a study are made of")
    assert line("mix.ratio=0,1", verb="generate") == (
        "mix.ratio=0,1: synthsweep generate takes one value of a key; for a list write KEY=[A,B]"
    )
    assert line("nowhere=1", verb="ui") == "nowhere: no such key; see synthsweep ui --help"
    assert line("sweep.dry_run=true", verb="ui").startswith("sweep: no such key; sweep.dry_run=true is for synthsweep run")
    assert line("model.nam=1", verb="doctor") == "model.nam: no such key; did you mean model.name?"


@pytest.mark.parametrize(
    ("override", "mode", "expected"),
    [
        ("hydra.sweeper.params.mix.ratio=0,1", RunMode.MULTIRUN, "in a command vary the key itself, as in mix.ratio=A,B; "),
        ("hydra.sweeper.n_trials=2,3", RunMode.MULTIRUN, "a command has one value of each of Hydra's keys; "),
        ("experiment=null", RunMode.RUN, "null is not a choice of a group: "),
    ],
)
def test_what_a_multirun_cannot_vary_is_one_line(override: str, mode: RunMode, expected: str) -> None:
    register_roots()
    refusals = (*COMPOSITION_ERRORS, ValueError)
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"), pytest.raises(refusals) as refused:
        GlobalHydra.instance().config_loader().load_configuration("run", [override], run_mode=mode)

    said = explain(refused.value, "run")
    assert said.removeprefix(f"{override}: ").startswith(expected)


def test_an_empty_argument_is_shown_as_one() -> None:
    """It comes from a shell variable that is not set, and would be invisible."""

    assert re.fullmatch(r"an empty argument: this is no override \(.+\); write KEY=VALUE, without spaces", line(""))


def test_a_group_that_is_nowhere_is_named() -> None:
    """Only a YAML file of the user's own can ask for one."""

    folder = Path("conf/experiment")
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("# @package _global_\ndefaults:\n  - /nowhere: choice\n", encoding="utf-8")

    assert line("experiment=mine") == "nowhere=choice: there is no group nowhere"


def test_a_root_that_is_nowhere_gives_hydras_first_line() -> None:
    assert re.fullmatch(r"Cannot find primary config 'nothing'.*", line(verb="nothing"))


def test_known_keys_are_leaves_and_groups() -> None:
    """Both stand on the left of an equals sign."""

    keys = known_keys("run")

    assert {"seed", "mix", "mix.ratio", "llm.simulator.length", "labels.names", "data.files.train"} <= set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("key", known_keys("run"))
def test_every_key_is_suggested_for_a_slip_in_it(key: str) -> None:
    """With its last letter doubled, a key is nearer to itself than to any other."""

    assert unknown_key(f"{key}{key[-1]}", "run") == f"{key}{key[-1]}: no such key; did you mean {key}?"


def test_an_old_name_is_not_suggested() -> None:
    """It works, but should not be learnt."""

    assert not {"compare.yardstick", "inspect.strangest"} & {*known_keys("compare"), *known_keys("inspect")}
