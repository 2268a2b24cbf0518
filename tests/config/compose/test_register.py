import re
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from support.builders import run_config
from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import frozen, register_roots
from synthsweep.config.keys.launchers import RayWorkersSettings
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.verbs import ROOTS
from synthsweep.errors import ConfigError


def test_a_composed_configuration_becomes_its_type() -> None:
    """Numbers, lists and dictionaries arrive as the schema types them."""

    config = run_config("mix.ratio=1", "labels.ids=[A,B]", "+labels.names.A=Alpha", "data.files.train=null")

    assert config.mix.ratio == 1.0
    assert isinstance(config.mix.ratio, float)
    assert config.labels.ids == ["A", "B"]
    assert config.labels.names["A"] == "Alpha"


def test_registering_twice_changes_nothing() -> None:
    """A process that composes several configurations registers before each."""

    register_roots()

    assert run_config() == run_config()


@pytest.mark.parametrize("verb", list(ROOTS))
def test_every_verb_has_a_root_that_composes(verb: str) -> None:
    """conf/VERB.yaml names VERB_schema in its defaults."""

    register_roots()
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        assert isinstance(frozen(compose(verb), ROOTS[verb]), ROOTS[verb])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+extra=1", "extra: no such key; drop the + to set one that there is"),
        ("+mix.extra=1", "mix.extra: no such key; mix has arm, ratio, count, "),
        ("+mix.ratios=1", "mix.ratios: no such key; did you mean mix.ratio?"),
        ("++llm.simulator.extra=1", "llm.simulator.extra: no such key; llm.simulator has label_noise, "),
        ("+data.files.more={a: 1}", "data.files.more: no such key; data.files has train, dev, test"),
        ("+method=bayes", "method: no such key; hydra.sweeper.design=search or factorial says how"),
    ],
)
def test_a_key_that_was_added_is_named_in_full(override: str, message: str) -> None:
    """A plus sign switches Hydra's own check off."""

    with pytest.raises(ConfigError, match=rf"^{re.escape(message)}"):
        run_config(override)


def test_a_reference_that_leads_nowhere_names_its_key() -> None:
    with pytest.raises(ConfigError, match=r"^mix\.ratio: \$\{nope\} names no key; write the whole"):
        run_config("mix.ratio=${nope}")


def test_a_value_that_is_still_missing_names_its_key() -> None:
    """`???` in a YAML file asks the user for a value."""

    with pytest.raises(ConfigError, match=r"^study: .*[Mm]issing mandatory value"):
        run_config("study=???")


def test_a_root_without_its_schema_line_is_refused() -> None:
    """A conf/run.yaml of the user's own may lack it: nothing would be checked."""

    with pytest.raises(ConfigError, match=r"must start from RunConfig: keep the \*_schema line in its defaults$"):
        frozen(OmegaConf.create({"seed": 1}), RunConfig)


def test_the_type_cannot_be_changed_once_made() -> None:
    config = run_config()

    with pytest.raises(AttributeError, match="cannot assign to field 'seed'"):
        config.seed = 2  # type: ignore[misc]


def composed(verb: str, *overrides: str) -> Any:
    """The root of a verb, as its command freezes it."""
    register_roots()
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        return frozen(compose(verb, list(overrides)), ROOTS[verb])


def test_keys_go_by_their_old_names_too() -> None:
    """Commands of a notebook from before go on to work."""

    assert composed("compare", "compare.yardstick=false") == composed("compare", "compare.tfidf_baseline=false")
    assert composed("inspect", "inspect.strangest=3") == composed("inspect", "inspect.outliers=3")


def test_an_old_name_in_a_file_of_the_users_own_sets_the_new_key() -> None:
    Path("conf/local").mkdir(parents=True)
    Path("conf/local/default.yaml").write_text("# @package _global_\ninspect:\n  strangest: 4\n", encoding="utf-8")

    assert composed("inspect").inspect.outliers == 4


def test_an_old_name_and_a_new_one_with_another_value_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^inspect\.strangest=3 and inspect\.outliers=4 set the same key"):
        composed("inspect", "inspect.strangest=3", "inspect.outliers=4")


def test_the_launcher_of_ray_goes_by_its_old_keys_too() -> None:
    register_roots()
    overrides = ["hydra/launcher=ray_workers", "hydra.launcher.cpus_a_worker=2", "hydra.launcher.gpus_a_worker=0.5"]
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        launcher = compose("run", overrides, return_hydra_config=True).hydra.launcher

    settings = RayWorkersSettings(**{str(name): value for name, value in launcher.items() if name != "_target_"})

    assert (settings.cpus_per_worker, settings.gpus_per_worker) == (2, 0.5)
