"""What a run trains and is judged on: load -> split -> generate -> curate -> mix, before anything heavy is imported."""

import logging
from dataclasses import dataclass
from functools import cached_property

from synthsweep.completer import Completer
from synthsweep.config.schema import PoolConfig, RunConfig
from synthsweep.corpus.parts import Corpus, load_corpus
from synthsweep.curate.drop import Curated, curate
from synthsweep.curate.mix import Mix, mix, wanted_synthetic
from synthsweep.errors import PoolError, listing
from synthsweep.examples import LabelSet, digest_examples, digest_of, labels_without_positive
from synthsweep.generate.choice import open_completer
from synthsweep.generate.errand import FillWatch, Unwatched
from synthsweep.generate.exemplars import RealTexts
from synthsweep.generate.plan import Asking
from synthsweep.generate.pool import Pool, fill_pool
from synthsweep.reuse import Reuse

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """The corpus, the pool, and the mix of both; `llm` is empty where no text is synthetic."""

    corpus: Corpus
    pool: Pool
    curated: Curated
    mix: Mix
    llm: str

    @cached_property
    def data_digest(self) -> str:
        """Of every real text of the run, its labels and its part."""
        return digest_of([digest_examples(examples) for examples in self.corpus.split.parts.values()])

    @cached_property
    def mix_digest(self) -> str:
        """Of every text that is trained on, in order."""
        return digest_examples(self.mix.examples)


def prepare(
    config: RunConfig,
    *,
    completer: Completer | None = None,
    reuse: Reuse | None = None,
    watch: FillWatch | None = None,
) -> Material:
    """The material of a configuration; synthetic texts reach its training part only.

    `completer` stands in for the configured LLM; `reuse` has what earlier runs of this process have read; `watch` sees what an
    LLM is asked for.

    Raises:
        DataError: the corpus does not hold what the configuration says.
        PoolError: the synthetic texts cannot be had, or are too few.
    """
    kept = reuse.corpora if reuse else None
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset, kept=kept)
    split, pool, llm = corpus.split, Pool(), ""
    if wanted_synthetic(config.mix, len(split.train)):
        asking = asking_of(config, corpus)
        completer = completer or open_completer(config, asking, split.train, watch or Unwatched())
        pool, llm = fill_pool(config, asking, completer), completer.name
    curated = curate(pool.examples, (*split.dev, *split.test), config.curation)
    try:
        drawn = mix(split.train, curated.kept, config.mix, seed=config.seeds.draw)
    except PoolError as error:
        raise PoolError(f"{error}{_lost(pool, curated)}") from error
    _warn_of_missing_labels(drawn, corpus.labels)
    return Material(corpus, pool, curated, drawn, llm)


def asking_of(config: PoolConfig, corpus: Corpus) -> Asking:
    """What an LLM is asked, and which real texts a prompt may show it."""
    split = corpus.split
    return Asking(config.prompt, corpus.labels, RealTexts(split.train, (*split.dev, *split.test)), config.llm.reply_form)


def _lost(pool: Pool, curated: Curated) -> str:
    lost = {"duplicates": curated.duplicates, "copies of dev or test": curated.leaks, "pieces of replies": len(pool.rejected)}
    told = ", ".join(f"{count} {what}" for what, count in lost.items() if count)
    reason = f" ({pool.rejected[0].reason})" if pool.rejected else ""
    return f"; dropped on the way: {told}{reason}" if told else ""


def _warn_of_missing_labels(drawn: Mix, labels: LabelSet) -> None:
    missing = labels_without_positive(drawn.synthetic, labels.ids)
    if drawn.synthetic and missing:
        log.warning("no synthetic text carries %s: they dilute it", listing(missing, 20))
