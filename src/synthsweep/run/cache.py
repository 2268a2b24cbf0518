"""What a process that does many runs keeps from one to the next, so that a run costs little more than its training."""

from dataclasses import dataclass, field

from cachetools import LRUCache

from synthsweep.corpus.parts import CorpusCache
from synthsweep.train.cache import TrainingCache

# A study varies few corpora, and each may be large.
CORPORA = 4


@dataclass(frozen=True)
class ProcessCache:
    """Made once by whoever does the runs, and handed to each of them; no number changes by it.

    `corpora` are whole: what is drawn from them differs from run to run.
    """

    corpora: CorpusCache = field(default_factory=lambda: LRUCache(CORPORA))
    training: TrainingCache = field(default_factory=TrainingCache)
