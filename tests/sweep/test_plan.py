"""From arguments to the plan of a study: nothing is trained, every configuration is composed."""

from collections.abc import Callable
from typing import Any

import pytest
from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig

from support.audits import small
from synthsweep.audit.folder import audit_folder, open_answers, write_audit
from synthsweep.audit.items import Answer
from synthsweep.errors import AuditError, ConfigError, StudyError
from synthsweep.study.design.space import Choice
from synthsweep.study.queue.trial_queue import Job, Trial
from synthsweep.sweep.plan import read_settings

# The fixture `planned`: from arguments and settings to a Planned.
Plans = Callable[..., Any]
WILCOXON = {"_target_": "optuna.pruners.WilcoxonPruner"}
MEDIAN = {"_target_": "optuna.pruners.MedianPruner"}


def test_a_grid_has_every_combination_with_every_seed(planned: Plans) -> None:
    """Seeds are not a factor: all cells share them."""

    plan = planned("mix.ratio=0.25,0.5", "model=minilm,tiny", "seed=1,2,3").plan

    assert len(plan.cells) == 4
    assert (plan.seeds, plan.jobs) == ((1, 2, 3), 12)
    assert {factor.key for factor in plan.space.factors} == {"mix.ratio", "model"}


@pytest.mark.parametrize(
    ("arguments", "merged"),
    [
        (("mix.ratio=0,0.5", "llm=recorded,simulator"), [2, 1, 1]),
        (("mix=real_only", "prompt=plain,attributed"), [2]),
    ],
)
def test_combinations_that_can_make_no_difference_are_one_shared_control(planned: Plans, arguments: Any, merged: Any) -> None:
    """At ratio 0 the LLM changes nothing."""

    plan = planned(*arguments).plan

    assert sorted((cell.merged for cell in plan.cells), reverse=True) == merged


def test_the_control_runs_one_of_its_combinations(planned: Plans) -> None:
    """One of them, not the defaults, where they share no level."""

    both = planned("mix=real_only,augment", "mix.ratio=0,0.25")
    real_only = planned("mix=real_only", "seed=1,2")

    control = [key for cell, key in zip(both.plan.cells, both.keys(), strict=True) if cell.merged == 3]
    assert real_only.keys() == control
    assert len(set(both.keys())) == 2


def test_replicates_count_from_the_seed(planned: Plans) -> None:
    """`replicates=3 seed=5` runs with 5, 6 and 7."""

    assert planned("mix.ratio=0.25,0.5", "replicates=3", "seed=5").plan.seeds == (5, 6, 7)


def test_one_configuration_and_several_seeds_are_a_study(planned: Plans) -> None:
    """With a single cell."""

    plan = planned("mix=real_only", "seed=1,2").plan

    assert [cell.assignment for cell in plan.cells] == [{}]


@pytest.mark.slow
def test_a_study_without_a_name_is_named_after_what_it_is(planned: Plans) -> None:
    """The same command gives the same name, another command another; folder and threads do not matter."""

    search = {"design": "search"}
    name = planned("mix.ratio=0.25,0.5", **search).plan.name

    assert name.startswith("sweep-")
    assert name == planned("mix.ratio=0.25,0.5", "tracking.folder=there", "training.threads=3", **search).plan.name
    assert name != planned("mix.ratio=0.25,0.5,1", **search).plan.name
    assert planned("mix.ratio=0.25,0.5", "study=mine", **search).plan.name == "mine"


def test_a_job_has_the_keys_of_its_trial_and_replicate(planned: Plans, loader: ConfigLoader, node: DictConfig) -> None:
    """As overrides that compose under any name of the study, with the job's seed."""

    plan = planned(
        "study='it is, so: to {say}'", "mix.ratio=0.25,0.5", "replicates=2", "++training.epochs=4", design="search"
    ).plan
    job = Job(Trial(3, {"mix.ratio": 0.5}), 1, 8)

    config = plan.composer.run(plan.overrides(job, "00000000000000000000000000012345"))

    assert (config.study, config.seed, config.mix.ratio, config.training.epochs) == ("it is, so: to {say}", 8, 0.5, 4)
    assert (config.sweep.trial, config.sweep.replicate, config.sweep.parent) == (3, 1, "00000000000000000000000000012345")
    assert plan.composer.run(plan.overrides(job, "")).sweep.parent is None


def test_a_failed_job_can_be_run_alone(planned: Plans, loader: ConfigLoader, node: DictConfig) -> None:
    """A control with the levels of one of its combinations, and no job with a key that only a multirun accepts."""

    plan = planned("mix=augment", "mix.ratio=0,0.5", "llm=simulator,recorded", "replicates=2", "sweep.dry_run=false").plan
    (control,) = (cell for cell in plan.cells if cell.merged > 1)

    alone = plan.alone(Job(Trial(0, control.assignment, control.digest), 1, 2))

    assert alone == ("mix=augment", "mix.ratio=0", "llm=simulator", "seed=2", f"study={plan.name}")
    plan.composer.run(alone)


def test_a_level_has_one_spelling(planned: Plans) -> None:
    """However a number was typed, it is the same study; a word that looks like a number stays a word."""

    typed = planned("mix.ratio=0.0,0.50,1.00", "model.name='1.0','2'", "training.epochs=2").plan

    assert [factor.levels for factor in typed.space.factors if isinstance(factor, Choice)] == [(0, 0.5, 1), ("1.0", "2")]
    assert typed.space.overrides({"mix.ratio": 1, "model.name": "1.0"}) == ["mix.ratio=1", "model.name='1.0'"]
    usual = planned("mix.ratio=0,0.5,1", "model.name='1.0','2'", "training.epochs=2").plan
    assert (typed.name, [cell.digest for cell in typed.cells]) == (usual.name, [cell.digest for cell in usual.cells])


def test_the_same_level_typed_twice_is_refused(planned: Plans) -> None:
    with pytest.raises(StudyError, match=r"mix.ratio=1,1: a level occurs twice"):
        planned("mix.ratio=1,1.0")


def test_a_search_has_no_cells_and_as_many_trials_as_were_asked_for(planned: Plans) -> None:
    """Optuna proposes from the intervals."""

    plan = planned(
        "training.learning_rate=tag(log,interval(1e-5,1e-3))", "replicates=5", design="search", n_trials=7, pruner=WILCOXON
    ).plan

    assert (plan.cells, plan.jobs, plan.pruning) == ((), 35, "replicate")
    assert dict(plan.definition.space) == {"training.learning_rate": "interval(1e-05, 0.001, log)"}


def test_a_condition_takes_combinations_out_of_a_grid(planned: Plans) -> None:
    """A factor that does not act is not varied."""

    conditions = {"training.positive_weight_cap": {"training.positive_weight": ["capped"]}}
    arguments = ("training.positive_weight=none,capped", "training.positive_weight_cap=5,10")

    assert len(planned(*arguments, conditions=conditions).plan.cells) == 3


@pytest.mark.slow
def test_the_size_counts_configurations_seeds_and_what_is_run_once_for_many(planned: Plans) -> None:
    grid = planned("mix.ratio=0,0.5", "llm=recorded,simulator", "seed=1,2").plan
    search = planned("training.epochs=2,3", design="search", n_trials=9).plan

    assert grid.size.startswith("factorial, 3 configurations")
    assert "control" in grid.size
    assert "of 2 seeds: 6 replicates" in grid.size
    assert search.size == "search, 9 trials of 1 seed"


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (
            ("mix.ratio=0,1",), {"objective": "test/f1/macro"},
            "hydra.sweeper.objective=test/f1/macro: test is scored once and selects nothing; take dev/f1/macro",
        ),
        (
            ("mix.ratio=0,1",), {"constraints": ["test/f1/macro >= 0.5"]},
            "hydra.sweeper.constraints=test/f1/macro: test is scored once and selects nothing; take dev/f1/macro",
        ),
        (
            ("training.learning_rate=1e-5,1e-4", "replicates=5"),
            {"design": "search", "objective": ["dev/f1/macro", "time/train"], "direction": ["maximize", "minimize"],
             "pruner": WILCOXON},
            "hydra.sweeper.pruner=WilcoxonPruner: with 2 objectives no trial is simply worse; set hydra.sweeper.pruner=null",
        ),
        (
            ("training.learning_rate=interval(1e-5,1e-4)",), {},
            "training.learning_rate=interval(1e-05, 0.0001): an interval has no levels for a grid; name some "
            "(training.learning_rate=A,B), or set hydra.sweeper.design=search",
        ),
        (
            ("training.epochs=1,2", "seed=1,2"), {"design": "search"},
            "seed cannot be varied in a search: set replicates=N, and every trial runs with N seeds",
        ),
        (
            ("mix.ratio=0,1",), {"enqueue": [{"mix.ratio": 1}]},
            "hydra.sweeper.enqueue is for a search: set hydra.sweeper.design=search, or leave it out",
        ),
        (
            ("mix.ratio=0,1",), {"design": "search", "fraction": 0.5},
            "hydra.sweeper.fraction=0.5 is for a factorial study: set hydra.sweeper.design=factorial, or leave it out; "
            "a search takes hydra.sweeper.n_trials",
        ),
        (("mix.ratio=0,1", "seed=1,x"), {}, "seed must be whole numbers from 0, got 1, x"),
        (("seed=1,2", "replicates=3"), {}, "replicates=3 and seed=1,2 say the same: leave one of them out"),
        (
            ("training.epochs=1",), {"design": "search"},
            "hydra.sweeper.design=search: there is nothing to search; vary a key, as in training.learning_rate=...",
        ),
        (
            ("training.epochs=1,2",), {"objective": "dev/f1/Z9"},
            "dev/f1/Z9: there is no such criterion; write dev/f1/NAME with one of A1, A2, A3, B1, B2, B3, B4, "
            "macro, micro, weighted",
        ),
        (
            ("training.epochs=1,2",), {"pruner": MEDIAN},
            "hydra.sweeper.pruner=MedianPruner: a factorial study needs all of its cells; prune with "
            "hydra.sweeper.design=search",
        ),
        (
            ("training.epochs=1,2", "replicates=4"), {"design": "search", "pruner": WILCOXON},
            "hydra.sweeper.pruner=WilcoxonPruner acts after 4 replicates: set replicates=5 or more, got 4",
        ),
        (
            ("training.epochs=1,2",), {"conditions": {"training.epochs": {"mix.ratio": 1}}},
            "hydra.sweeper.conditions.training.epochs: mix.ratio is not a factor; the factors are training.epochs",
        ),
        (
            ("training.epochs=1,2",), {"conditions": {"mix.ratio": {"training.epochs": 1}}},
            "hydra.sweeper.conditions.mix.ratio: there is no such factor; the factors are training.epochs",
        ),
    ],
)  # fmt: skip
def test_a_study_that_cannot_be_is_refused_before_it_begins(
    planned: Plans, arguments: Any, settings: Any, message: str
) -> None:
    """One line: key, rule, value, way out."""

    with pytest.raises(StudyError) as refused:
        planned(*arguments, **settings)

    assert str(refused.value) == message


def test_a_metric_that_no_run_has_is_refused_with_those_that_there_are(planned: Plans) -> None:
    """A misspelt metric must not cost a night of training."""

    with pytest.raises(StudyError, match=r"^dev/f2/macro: there is no such metric; dev has .*f1.*average_precision"):
        planned("training.epochs=1,2", objective="dev/f2/macro")


def test_a_cell_that_cannot_be_composed_is_found_before_any_runs(planned: Plans) -> None:
    """The last one as well as the first."""

    with pytest.raises(ConfigError, match=r"^mix\.ratio must be in \[0, 10\], got 11\.0: synthetic texts"):
        planned("mix.ratio=0.5,11")


def test_settings_out_of_range_are_refused_by_their_names() -> None:
    with pytest.raises(ConfigError, match=r"^hydra\.sweeper\.n_trials must be at least 1, got 0: trials of a search$"):
        read_settings({"n_trials": 0})


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("curation=default,audited",), ("mix.ratio=0.25,0.5", "curation.audit=default")])
def test_more_answers_of_an_audit_are_another_study(planned: Plans, arguments: tuple[str, ...]) -> None:
    """The results depend on the answers; without any, the study is refused."""
    audit, folder = small(3), audit_folder("mlruns", "default")
    write_audit(audit, folder)

    with pytest.raises(AuditError, match=r"^curation.audit=default: nobody has answered yet"):
        planned(*arguments)
    digests = []
    for item in audit.items[:2]:
        open_answers(folder).save(Answer(item.id, "Anna", "right"))
        digests.append(planned(*arguments).plan.definition.digest)

    assert len(set(digests)) == 2
