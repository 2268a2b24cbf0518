"""A key is equal where the numbers must be, and differs wherever they may."""

from dataclasses import replace

import pytest

from support.builders import AB, real, run_config, synthetic
from synthsweep.config.keys.run import RunConfig
from synthsweep.corpus.corpus import Corpus
from synthsweep.corpus.split import Split
from synthsweep.curate.drop import Curated
from synthsweep.curate.mix import Mix
from synthsweep.generate.pool import Pool
from synthsweep.run.prepare import TrainingData
from synthsweep.study.run_key import run_key

SPLIT = Split((real("t1", "A"), real("t2", "B")), (real("d", "A"),), (real("e", "B"),))


def data(*drawn: str, pool: int = 0) -> TrainingData:
    """The split above with `drawn` synthetic texts, out of a pool that holds `pool` more."""
    texts = tuple(synthetic(name, "A") for name in drawn)
    more = tuple(synthetic(f"more{index}", "B") for index in range(pool))
    return TrainingData(Corpus(AB, SPLIT), Pool((*texts, *more)), Curated((*texts, *more)), Mix(SPLIT.train, texts, 2), "llm")


def key(*overrides: str, of: TrainingData | None = None) -> str:
    config: RunConfig = run_config(*overrides)
    return run_key(config, of or data("s1"))


@pytest.mark.parametrize(
    "override",
    [
        "tracking=none",
        "training.windows=none",
        "training.dev_texts=0",
        "tracking.folder=elsewhere",
        "tracking.experiment=other",
        "training.threads=1",
        "force=true",
        "study=question",
        "model.name=renamed",
        "data.public=false",
        "llm.simulator.seed=5",
    ],
)
def test_what_cannot_change_numbers_is_not_in_the_key(override: str) -> None:
    """Where a run is kept, its name and its threads make no new run."""

    assert key() == key(override)


@pytest.mark.parametrize(
    "override",
    [
        "training.learning_rate=3e-5",
        "training.windows=max",
        "training.dev_texts=9",
        "training.epochs=3",
        "model=tiny",
        "model.frozen_layers=2",
        "evaluation.threshold=0.5",
        "seed=2",
        "seeds.init=2",
        "seeds.order=2",
        "training.match_steps=true",
        "prompt=attributed",
        "llm=simulator",
    ],
)
def test_what_may_change_numbers_is_in_the_key(override: str) -> None:
    """Each hyperparameter, seed and factor makes a run of its own."""

    assert key() != key(override)


@pytest.mark.parametrize("override", ["llm=simulator", "prompt=attributed", "curation=none", "generate.n=5", "mix.ratio=0"])
def test_without_synthetic_texts_neither_llm_nor_prompt_makes_another_run(override: str) -> None:
    """Ratio 0 is one control, shared by every LLM and prompt."""

    assert key("mix=real_only", of=data()) == key("mix=augment", override, of=data())


HOSTED = ("llm=gpt-4o-mini",)


@pytest.mark.parametrize(
    "override",
    [
        "llm.name=renamed",
        "llm.base_url=http://127.0.0.1:8000/v1",
        "llm.api_key_env=OTHER",
        "llm.token_limit_key=max_tokens",
        "llm.free=true",
        "generate.max_usd=3",
        "generate.on_demand=false",
        "generate.concurrency=1",
        "generate.batch=true",
        "privacy.allow_real_text=true",
    ],
)
def test_where_and_how_an_llm_is_asked_is_not_in_the_key(override: str) -> None:
    """The same replies, whoever served them and whatever they cost."""

    assert key(*HOSTED) == key(*HOSTED, override)


@pytest.mark.parametrize(
    "override",
    [
        "llm.model=other",
        "llm.temperature=0",
        "llm.top_p=0.5",
        "llm.reasoning_effort=high",
        "llm.reply_format=list",
        "generate.n=5",
        "generate.max_words=9",
        "prompt=few_shot",
    ],
)
def test_what_an_llm_is_asked_is_in_the_key(override: str) -> None:
    """Another model, setting or prompt is another factor level, even where it wrote the same."""

    assert key(*HOSTED) != key(*HOSTED, override)


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("llm.members.first.base_url=http://127.0.0.1:1/v1", True),
        ("llm.members.first.api_key_env=OTHER_KEY", True),
        ("llm.members.second.max_output_tokens=99", True),
        ("llm.members.second.temperature=0.5", False),
        ("llm.members.second.model=gpt-4-turbo", False),
    ],
)
def test_a_members_address_makes_no_other_run(override: str, same: bool) -> None:
    """What it is asked does, as for an LLM alone."""

    assert (key("llm=both") == key("llm=both", f"++{override}")) == same


def test_the_prompt_is_no_factor_for_texts_of_the_users_own() -> None:
    """A file that was written elsewhere answered no prompt of this configuration, and its path changes no number."""

    assert key("llm.path=a.jsonl", "prompt=plain") == key("llm.path=b.jsonl", "prompt=attributed")


def test_a_pool_that_grew_changes_no_finished_run() -> None:
    """What was drawn is in the key, not what it was drawn from."""

    assert key(of=data("s1")) == key(of=data("s1", pool=40))


def test_other_texts_make_another_run() -> None:
    """The drawn texts and the real ones stand in the key by their digests."""

    moved = replace(data("s1"), corpus=Corpus(AB, replace(SPLIT, dev=(real("d", "B"),))))

    assert len({key(of=data("s1")), key(of=data("s2")), key(of=moved)}) == 3


@pytest.mark.parametrize(
    ("overrides", "kept"),
    [
        ("", "9ec2b816aa9f2d1179cbaee00cba5746"),
        ("mix=real_only", "f5ab36be156af0f5a32de5656f21376a"),
        ("llm=simulator llm.simulator.label_noise=0.2", "e7bb1bbf6da8247c40f4a1819167c262"),
        ("llm=eda llm.rewriter.change=0.3", "66ee659618dd26158d3c9e49e39e4766"),
        (
            "llm=gpt-4o-mini llm.temperature=0.3 llm.reply_format=list llm.base_url=http://127.0.0.1:1/v1",
            "d0b2382eb3b30cb6084563b881f01d53",
        ),
        ("llm=azure llm.model=deployment llm.base_url=https://host", "771ad11dcf0127b9fd481b0fcea755f0"),
        ("llm=both ++llm.members.first.reply_format=list", "6d83fc92ad8405dabb62ff0028515cdf"),
        ("llm=demo_both +llm.members.third={kind:eda,rewriter:{change:0.2}}", "61d6b17cf202447a7c71a7824fb3ad39"),
        ("llm.path=a.jsonl llm.model=someone prompt=attributed", "2217a706f378a289178e57b119167fe9"),
        ("curation=judged llm@judge=gpt-4o-mini judge.temperature=0.2", "d1c014bb86f04441a138857afaa421bf"),
        ("curation.audit=mine", "f105890ee98781a3df0b67913145577b"),
        ("training.device=cpu characteristics=lexical", "7173c791b86f986e7dd9f75ec62ce48b"),
        ("evaluation.threshold=1", "4360371a3ad35d146d2d234a4cda4c5e"),
        ("generate.n=5 generate.max_words=9", "511287036043eb4edc0cf10913ce41e8"),
        ("select=ttr_highest plant.omission=0.1", "b714f267b53554e59e669b009a432ff4"),
        ("seed=7 seeds.init=3", "238beedc6fed44d7cbe6876a8856f5ae"),
    ],
)
def test_the_keys_of_finished_runs_stay_what_they_are(monkeypatch: pytest.MonkeyPatch, overrides: str, kept: str) -> None:
    """Literal keys of results version 3 without the contents of models: another key trains finished runs again."""

    monkeypatch.setattr("synthsweep.study.run_key.RESULTS_VERSION", 3)
    drawn = data() if overrides == "mix=real_only" else data("s1")

    assert key(*overrides.split(), of=drawn) == kept


def test_a_model_counts_by_what_it_contains_and_by_the_key_that_names_it() -> None:
    """Replaced files are another model, and an encoder is not an embedder."""

    models = ({"model.name_or_path": "a"}, {"model.name_or_path": "b"}, {"characteristics.embedder": "a"})
    keys = [key(of=replace(data("s1"), models=one)) for one in (*models, models[0])]

    assert keys[0] == keys[3]
    assert len(set(keys)) == 3
