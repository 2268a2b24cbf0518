"""What a process keeps from one run to the next, so that a run costs little more than its training."""

from dataclasses import dataclass, field

from synthsweep.corpus.parts import Corpus
from synthsweep.lru import Lru
from synthsweep.train.cache import TrainingCache

# A study varies few corpora, and each may be large.
CORPORA = 4


@dataclass(frozen=True)
class ProcessCache:
    """Made once per process and given to each of its runs; it changes no number.

    `corpora` are whole: runs draw different subsets from them.
    """

    corpora: Lru[Corpus] = field(default_factory=lambda: Lru(CORPORA))
    training: TrainingCache = field(default_factory=TrainingCache)
