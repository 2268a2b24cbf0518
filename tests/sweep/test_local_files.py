"""Which part of conf/local a study keeps, and what a machine that joins adds of its own."""

import yaml

from synthsweep.sweep.local_files import HEAD, joined, part_of_study

MINE = f"""{HEAD}defaults:
  - override /tracking: lab
  - override /model: tiny
training:
  threads: 4
  epochs: 7
data:
  train_size: 50
tracking:
  experiment: mine
hydra:
  launcher:
    n_workers: 2
seed: 5
"""


def test_a_study_keeps_what_its_numbers_follow_from() -> None:
    """Not how many threads a machine has, nor where it keeps its runs, whose address may hold a password."""
    assert part_of_study(MINE).startswith(HEAD)
    assert yaml.safe_load(part_of_study(MINE)) == {
        "defaults": [{"override /model": "tiny"}],
        "training": {"epochs": 7},
        "data": {"train_size": 50},
        "seed": 5,
    }


def test_who_joins_has_the_numbers_of_the_study_and_the_settings_of_this_machine() -> None:
    here = f"{HEAD}defaults:\n  - override /tracking: home\ntraining:\n  threads: 1\n  epochs: 9\nseed: 6\n"

    assert yaml.safe_load(joined(part_of_study(MINE), here)) == {
        "defaults": [{"override /model": "tiny"}, {"override /tracking": "home"}],
        "training": {"epochs": 7, "threads": 1},
        "data": {"train_size": 50},
        "seed": 5,
    }


def test_a_file_that_only_says_something_of_its_machine_is_not_kept() -> None:
    assert part_of_study(f"{HEAD}training:\n  threads: 4\n") == ""
    assert yaml.safe_load(joined("", MINE)) == {
        "defaults": [{"override /tracking": "lab"}],
        "training": {"threads": 4},
        "tracking": {"experiment": "mine"},
        "hydra": {"launcher": {"n_workers": 2}},
    }
