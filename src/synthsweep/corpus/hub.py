"""Which version of a data set the hub gives now."""

from functools import cache

from synthsweep.pretrained import hub_commit


@cache
def commit_of(name: str, revision: str | None) -> str:
    """The commit of a data set, asked once per process, as its texts are read once; empty where the hub does not say."""
    return hub_commit(name, revision, "dataset")
