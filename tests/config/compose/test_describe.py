"""What a verb takes on its command line: Hydra's own choices, and the defaults that it composes."""

from pathlib import Path

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType

from synthsweep.config.compose.choices import GroupChoice, choices_of, describe_groups
from synthsweep.config.compose.composed import compose_verb
from synthsweep.config.compose.describe import VerbEntry, describe_verb
from synthsweep.config.compose.folders import shipped
from synthsweep.config.flat import flat
from synthsweep.config.reference import describe_keys
from synthsweep.config.verbs import VERBS, Verb

RUN = VERBS[0]


@pytest.fixture(scope="module")
def simulated() -> VerbEntry:
    return describe_verb(RUN, ["llm=simulator", "hydra/launcher=ray_workers"])


def default(entry: VerbEntry, name: str) -> object:
    return next(key.default for key in entry.keys if key.name == name)


def test_defaults_are_those_of_the_choices_that_are_taken(simulated: VerbEntry) -> None:
    """`training=default` sets another rate than the schema, and `data=demo` has groups."""

    assert default(simulated, "training.learning_rate") == 1e-4
    assert default(simulated, "data.group") == "child"
    assert default(simulated, "llm.kind") == "simulator"
    assert default(simulated, "seeds.init") == "${seed}"
    assert {group.name: group.default for group in simulated.groups}["llm"] == "simulator"


def test_a_launcher_that_is_not_taken_keeps_its_own_defaults(simulated: VerbEntry) -> None:
    """Both launchers have `preload`, and only one of them is composed."""
    preloaded = [key.default for key in simulated.keys if key.name == "hydra.launcher.preload"]

    assert [bool(modules) for modules in preloaded] == [False, True]


@pytest.fixture(scope="module")
def offered() -> dict[str, list[str]]:
    """The choices that Hydra itself finds."""
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        groups = {group.name.partition("@")[0] for verb in VERBS for group in describe_groups(verb)}
        return {group: loader.get_group_options(group, results_filter=ObjectType.CONFIG) for group in groups}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_choices_are_those_that_hydra_takes(verb: Verb, offered: dict[str, list[str]]) -> None:
    """They are read without Hydra, which shell completion would wait for."""
    groups = describe_groups(verb)

    found = {group.name: [choice.name for choice in group.choices] for group in groups}
    assert found == {name: sorted(offered[name.partition("@")[0]]) for name in found}
    assert [choice for group in groups for choice in group.choices if not choice.meaning] == []


def test_choices_of_the_current_folder_come_first() -> None:
    """As in Hydra; the first sentence of the first comment is the meaning of a choice."""
    folder, more = Path("conf/prompt"), Path("more/prompt")
    for place in (folder, more):
        place.mkdir(parents=True)
    (folder / "plain.yaml").write_text("# Mine. It is short.\nvariant: plain\n", encoding="utf-8")
    (more / "long.yaml").write_text("variant: long\n", encoding="utf-8")

    found = {choice.name: choice for choice in choices_of("prompt", [Path("more")])}

    assert found["plain"] == GroupChoice("plain", "Mine")
    assert found["long"] == GroupChoice("long", "")
    assert "attributed" in found


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_root_file_sets_the_defaults_of_the_schema_for_keys_of_one_verb(verb: Verb) -> None:
    """The guide's page shows the schema's; a root file that set others would make it wrong."""
    run, composed = {key.name for key in describe_keys(RUN)}, flat(compose_verb(verb).values)

    own = {key.name: key.default for key in describe_keys(verb) if key.name not in run}
    assert {name: composed.get(name, own[name]) for name in own} == own
