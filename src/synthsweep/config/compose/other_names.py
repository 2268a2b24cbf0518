"""What Hydra, its Optuna sweeper, joblib and Optuna call otherwise, and what Hydra says, in the words of this project."""

import re

ADDED = "a sampler or pruner by its class is added with a +: +"
WORKERS = "hydra.launcher.n_workers=N says how many runs train at once"
FACTORS = "factors are hydra.sweeper.params, as in mix.ratio: interval(0, 1)"
TRIALS = "hydra.sweeper.n_trials=N is how many a search has"
DESIGN = "hydra.sweeper.design=search or factorial says how a study goes through its factors"
# Keys.
ELSEWHERE = {
    "sweep": "sweep.dry_run=true is for synthsweep run; synthsweep generate has generate.dry_run=true",
    "hydra.sweeper.n_worker": WORKERS,
    "hydra.sweeper.n_workers": WORKERS,
    "hydra.sweeper.study_name": "a study is named with study=NAME",
    "hydra.sweeper.n_jobs": WORKERS,
    "hydra.launcher.n_jobs": WORKERS,
    "hydra.launcher.n_worker": WORKERS,
    "hydra.launcher.workers": WORKERS,
    "hydra.launcher.max_workers": WORKERS,
    "hydra.sweeper.max_failure_rate": "hydra.sweeper.max_failures=N ends a study after N failed replicates",
    "hydra.sweeper.timeout": "hydra.sweeper.max_hours=N ends a study after N hours, hydra.launcher.timeout_s=N one replicate",
    "hydra.sweeper.custom_search_space": "factors are hydra.sweeper.params; which acts when is hydra.sweeper.conditions",
    "hydra.sweeper.search_space": FACTORS,
    # Hydra's sweepers for Ax and Nevergrad.
    "hydra.sweeper.ax_config": f"{TRIALS}; {FACTORS}",
    "hydra.sweeper.optim": f"{TRIALS}; a sampler is hydra/sweeper/sampler=NAME",
    "hydra.sweeper.parametrization": FACTORS,
    # Sweeps of Weights & Biases, and Ray Tune.
    "method": DESIGN,
    "metric": "what a search optimises is hydra.sweeper.objective=dev/f1/macro and hydra.sweeper.direction=maximize",
    "parameters": "vary a key by itself, as in training.learning_rate=1e-5,1e-4",
    "num_samples": TRIALS,
    "hydra.sweeper.max_batch_size": "hydra.sweeper.batch_size=N is for Hydra's own launchers; workers take run after run",
    "hydra.sweeper.n_startup_trials": "it is a key of the sampler: hydra.sweeper.sampler.n_startup_trials",
    "hydra.sweeper.sampler.seed": "hydra.sweeper.seed=N is the seed of every sampler",
    "hydra.sweeper.sampler._target_": f"{ADDED}hydra.sweeper.sampler._target_=NAME, or hydra/sweeper/sampler=tpe",
    "hydra.sweeper.pruner._target_": f"{ADDED}hydra.sweeper.pruner._target_=NAME",
}
# Choices of groups that have another name here.
CHOSEN_ELSEWHERE = {
    "hydra/sweeper=optuna": "the one that is there is Optuna's (hydra.sweeper.design=search); ",
    "hydra/sweeper/sampler=grid": "every combination is hydra.sweeper.design=factorial; ",
}
# What Hydra and OmegaConf say of a word of a command.
SAID = {
    r"Could not append to config\. An item is already at '(\S+)'": "{0}: there is such a key; leave the + out",
    r"Multiple values for (\S+)\. To override": "{0}: the group has a choice already; leave the + out: {0}=CHOICE",
    r"Could not override '(\S+?)@\S*'": "{0}: the group has one place: leave the @ and what follows out: {0}=CHOICE",
    r"(\S+) appears more than once in the final defaults list": (
        "{0}: it is chosen twice; leave a + before it out; in a defaults list write - override /{0}: CHOICE"
    ),
    r"Could not delete from config\. '(\S+)' does not exist": "{0}: there is nothing of this name to take out",
    r"Error locating target '(\S+?)'": "{0}: nothing of this name can be imported; _target_ names a class by its module",
}


def in_words_of_a_command(text: str, key: str) -> str:
    """Rewords what Hydra says of `+`, `~` and `@` before a key; empty if `text` is another error."""
    if "does not support deletion" in text:
        return f"{key}: only a group can be taken out with ~; a key has a value always: leave it out for its default"
    found = ((re.search(pattern, text), words) for pattern, words in SAID.items())
    return next((words.format(*match.groups()) for match, words in found if match), "")
