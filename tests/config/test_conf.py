from pathlib import Path

import pytest
import yaml

from support.builders import run_config
from synthsweep.config.compose.folders import shipped
from synthsweep.config.verbs import ROOTS

CONF = shipped("conf")
FILES = sorted(file for file in CONF.rglob("*.yaml") if "hydra" not in file.relative_to(CONF).parts)
CHOICES = [(file.parent.name, file.stem) for file in FILES if file.parent != CONF]
# What a choice cannot go without.
NEEDS = {
    ("model", "llm"): ["llm@classifier=gpt-4o-mini", "mix=real_only"],
    ("data", "csv"): ["data.path=a.csv"],
    ("data", "jsonl"): ["data.path=a.jsonl"],
    ("data", "parquet"): ["data.path=a.parquet"],
    ("data", "hub"): ["data.path=owner/name"],
    ("mix", "target"): ["mix.targets=[A1]"],
    ("curation", "judged"): ["llm@judge=gpt-4o-mini"],
    ("llm", "masked_lm"): ["llm.rewriter.model=/models/mlm"],
    ("llm", "azure"): ["llm.model=deployment", "llm.base_url=https://resource.openai.azure.com"],
    ("llm", "llama_cpp"): ["llm.model=local"],
    ("llm", "ollama"): ["llm.model=local"],
    ("llm", "vllm"): ["llm.model=local"],
    ("llm", "transformers"): ["llm.model=local"],
    ("llm", "openai"): ["llm.model=gpt-5"],
    ("llm", "openrouter"): ["llm.model=openai/gpt-4o-mini"],
    ("llm", "openai_compatible"): ["llm.model=local", "llm.base_url=http://127.0.0.1:4000/v1"],
    ("llm", "bedrock"): ["llm.model=us.anthropic.claude-sonnet-4-5-20250929-v1:0", "llm.base_url=http://proxy:4000/v1"],
    ("tracking", "server"): ["tracking.uri=http://127.0.0.1:5000"],
}
# The key that says which choice was taken.
NAMED_BY = {
    "data": "kind",
    "labels": "name",
    "llm": "name",
    "characteristics": "kind",
    "curation": "name",
    "mix": "arm",
    "model": "name",
    "prompt": "variant",
    "tracking": "kind",
}


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids=lambda part: part)
def test_every_choice_composes_and_says_its_name(group: str, choice: str) -> None:
    """A typing error in a file shows only when its choice is taken."""

    config = run_config(f"{group}={choice}", *NEEDS.get((group, choice), []))

    if group in NAMED_BY:
        assert getattr(getattr(config, group), NAMED_BY[group]) == choice


def test_the_choices_are_those_of_the_groups_that_the_schema_knows() -> None:
    """A folder without a section could never be composed."""

    assert {group for group, _ in CHOICES} == {*NAMED_BY, "plant", "select", "training", "experiment"}
    assert {file.stem for file in FILES if file.parent == CONF} == set(ROOTS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(CONF).as_posix())
def test_every_file_begins_with_what_it_is_for(file: Path) -> None:
    """Only Hydra's own directive may come before."""

    first = next(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("# @package"))

    assert first.startswith("# ")
    assert len(first) > 20


@pytest.mark.parametrize(("group", "choice"), [pair for pair in CHOICES if pair[0] == "model"], ids=lambda part: part)
def test_every_encoder_is_a_package_or_an_owners_name_on_the_hub(group: str, choice: str) -> None:
    """A bare name could be a folder of the user's."""

    config = run_config(f"model={choice}", *NEEDS.get((group, choice), []))
    name = config.model.name_or_path

    assert name.startswith("package:") or name.count("/") == 1


def test_no_choice_of_curation_keeps_leaks() -> None:
    """There is no key to keep copies of dev and test with; the default drops repeats as well."""

    default, none = (run_config(f"curation={choice}").curation for choice in ("default", "none"))

    assert (default.drop_duplicates, none.drop_duplicates) == (True, False)
    assert default == run_config().curation
    assert not [name for name in vars(default) if name.startswith("drop_leaks")]


def test_an_experiment_gives_way_to_the_command_line_and_overrides_the_groups() -> None:
    assert taken("experiment=ci") == ("tiny", 0.25, 200)
    assert taken("experiment=ci", "model=minilm", "mix.ratio=0.5", "data.train_size=9") == ("minilm", 0.5, 9)


def taken(*overrides: str) -> tuple[str, float, int]:
    config = run_config(*overrides)
    return config.model.name, config.mix.ratio, config.data.train_size


def test_every_criterion_of_the_shipped_labels_has_a_name_and_a_description() -> None:
    labels = yaml.safe_load((CONF / "labels/dsm5_asd.yaml").read_text(encoding="utf-8"))

    assert set(labels["names"]) == set(labels["descriptions"]) == set(labels["ids"])
