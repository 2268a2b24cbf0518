"""Which version of a data set the hub gives now."""

from functools import cache

# A hub that does not answer within this time is as good as none.
HUB_S = 10.0


@cache
def commit_of(name: str, revision: str | None) -> str:
    """The commit of a data set, asked once per process, as its texts are read once; empty where the hub does not say."""
    from huggingface_hub import HfApi

    try:
        return HfApi().dataset_info(name, revision=revision, timeout=HUB_S).sha or ""
    except Exception:
        # The hub's client raises errors of its own, of its network library and of names that it refuses: reading says why.
        return ""
