"""What a run trains and is judged on: load -> split -> generate -> curate -> mix, before anything heavy is imported."""

from dataclasses import dataclass
from functools import cached_property

from synthsweep.completer import Completer
from synthsweep.config.schema import RunConfig
from synthsweep.corpus.parts import Corpus, load_corpus
from synthsweep.curate.drop import Curated, curate
from synthsweep.curate.mix import Mix, mix, wanted_synthetic
from synthsweep.examples import digest_examples, digest_of
from synthsweep.generate.choice import open_completer
from synthsweep.generate.pool import Pool, fill_pool


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


def prepare(config: RunConfig, *, completer: Completer | None = None) -> Material:
    """The material of a configuration; synthetic texts reach its training part only.

    `completer` stands in for the configured LLM.

    Raises:
        DataError: the corpus does not hold what the configuration says.
        PoolError: the synthetic texts cannot be had, or are too few.
    """
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    split, pool, llm = corpus.split, Pool(), ""
    if wanted_synthetic(config.mix, len(split.train)):
        completer = completer or open_completer(config.llm, config.prompt, corpus.labels, split.train)
        pool, llm = fill_pool(config, corpus.labels, completer), completer.name
    curated = curate(pool.examples, (*split.dev, *split.test), config.curation)
    drawn = mix(split.train, curated.kept, config.mix, seed=config.seeds.draw)
    return Material(corpus, pool, curated, drawn, llm)
