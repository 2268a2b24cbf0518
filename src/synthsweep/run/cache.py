"""What a process keeps from one run to the next, so that a run costs little more than its training."""

from dataclasses import dataclass, field

from cachetools import LRUCache

from synthsweep.corpus.corpus import CorpusCache
from synthsweep.train.cache import TrainingCache

# A study varies few corpora, and each may be large.
CORPORA = 4


@dataclass(frozen=True)
class ProcessCache:
    """Made once per process and passed to each of its runs; it changes no result.

    `corpora` are whole: runs draw different subsets from them.
    """

    corpora: CorpusCache = field(default_factory=lambda: LRUCache(CORPORA))
    training: TrainingCache = field(default_factory=TrainingCache)
