"""The pools that an audit is drawn from, read as their configurations say, and what a label check says of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from synthsweep.audit.items import Audit, Stratum
from synthsweep.audit.sample import strata_of
from synthsweep.audit.stats.findings import Judged
from synthsweep.config.schema import PoolConfig, TrainingDataConfig
from synthsweep.corpus.parts import Corpus, load_corpus
from synthsweep.errors import ConfigError
from synthsweep.examples import Example, text_key
from synthsweep.progress import Progress, Stage, silent
from synthsweep.run.characterize import open_embedder
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import label_checker, read_pool

# What sentences call a check that is no LLM.
NAMES = {"classifier": "a classifier", "confident": "confident learning"}


@dataclass(frozen=True)
class Pools:
    """Synthetic texts of several pools, in order, and the real corpus beside them."""

    corpus: Corpus
    examples: tuple[Example, ...]


def read_pools(configs: Sequence[PoolConfig], progress: Progress = silent) -> Pools:
    """Every text of the pools as it was written; all configurations have the same data.

    Raises:
        DataError: the corpus does not hold what the configuration says.
        PoolError: a pool cannot be had.
    """
    corpus = _corpus(configs)
    return Pools(
        corpus,
        tuple(text for config in configs for text in read_pool(config, corpus, Collaborators(progress=progress))[0].examples),
    )


def _corpus(configs: Sequence[PoolConfig]) -> Corpus:
    """That of the first configuration, which is that of all."""
    return load_corpus(configs[0].labels, configs[0].data, subset_seed=configs[0].seeds.subset)


def judge_pools(configs: Sequence[TrainingDataConfig], audit: Audit, progress: Progress = silent) -> Judged | None:
    """What the label check of the configurations says of every text that the audit was drawn from; None without a check.

    Raises:
        ConfigError: the check is an audit itself.
        PoolError: a pool cannot be had, or the judge's answers.
    """
    check = configs[0].curation.label_check
    if check == "none":
        return None
    if check == "audit":
        raise ConfigError("curation.label_check=audit: an audit is not judged by an audit; as curation=judged llm@judge=NAME")
    corpus = _corpus(configs)
    found: dict[Stratum, dict[str, bool]] = defaultdict(dict)
    known: set[str] = set()
    for number, config in enumerate(configs, start=1):
        progress(Stage(f"{NAMES.get(check, config.judge.name)} reads pool {number} of {len(configs)}"))
        judged = _judged(config, corpus, audit, progress)
        for stratum, verdicts in judged.items():
            # Of equal texts in two pools the first was drawn from.
            found[stratum] |= {key: verdict for key, verdict in verdicts.items() if key not in known}
        known |= {key for verdicts in judged.values() for key in verdicts}
    return Judged(NAMES.get(check, configs[0].judge.name), dict(found))


def _judged(config: TrainingDataConfig, corpus: Corpus, audit: Audit, progress: Progress) -> dict[Stratum, dict[str, bool]]:
    pool, _ = read_pool(config, corpus, Collaborators(progress=progress))
    strata = {stratum: texts for stratum, texts in strata_of(pool.examples, audit.labels).items() if stratum in audit.sizes}
    texts = [text for of in strata.values() for text in of]
    checker = label_checker(config, corpus, open_embedder(config), progress)
    verdicts = dict(zip(map(_key, texts), checker.check(texts) if checker else [], strict=True))
    found: dict[Stratum, dict[str, bool]] = {}
    for stratum, of in strata.items():
        # The judge bears out what was asked for, or that a near miss is none.
        said = {_key(text): (verdicts[_key(text)], stratum.criterion in text.labels) for text in of}
        found[stratum] = {key: (stratum.criterion in one.labels) == own for key, (one, own) in said.items() if one is not None}
    return found


def _key(text: Example) -> str:
    # Two files of one name may give two texts one id.
    return text_key(text.text)
