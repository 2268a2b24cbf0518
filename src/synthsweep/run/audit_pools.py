"""The pools that an audit is drawn from, and the verdicts of a label check on their texts."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from synthsweep.audit.items import Audit, Stratum
from synthsweep.audit.sample import strata_of
from synthsweep.audit.stats.findings import Judged
from synthsweep.config.keys.run import PoolConfig, TrainingDataConfig
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.errors import ConfigError
from synthsweep.examples import Example, text_key
from synthsweep.pages.numbers import counted
from synthsweep.progress import Progress, Stage, silent
from synthsweep.run.characterize import open_embedder
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import open_label_checker, read_pool

log = logging.getLogger(__name__)

# The names, in sentences, of label checks that are not an LLM.
CHECK_NAMES = {"classifier": "a classifier", "confident": "confident learning"}


@dataclass(frozen=True)
class Pools:
    """The synthetic texts of several pools, in order, and the real corpus beside them."""

    corpus: Corpus
    examples: tuple[Example, ...]


def read_pools(configs: Sequence[PoolConfig], progress: Progress = silent) -> Pools:
    """Every text of the pools as it was written; all configurations must have the same data.

    Raises:
        DataError: the corpus does not hold what the configuration says.
        PoolError: a pool cannot be read or written.
    """
    corpus, collaborators = _corpus(configs), Collaborators(progress=progress)
    pools = [read_pool(config, corpus, collaborators)[0] for config in configs]
    examples = tuple(text for pool in pools for text in pool.examples)
    if unasked := sum(not text.provenance.criterion for text in examples):
        log.warning("%s written for no label: an audit asks about a label, so none of them is drawn", counted(unasked, "text"))
    return Pools(corpus, examples)


def _corpus(configs: Sequence[PoolConfig]) -> Corpus:
    """The corpus of the first configuration, which all share."""
    return load_corpus(configs[0].labels, configs[0].data, subset_seed=configs[0].seeds.subset)


def judge_pools(configs: Sequence[TrainingDataConfig], audit: Audit, progress: Progress = silent) -> Judged | None:
    """The label check's verdict on every text that the audit could draw; None without a check.

    Raises:
        ConfigError: the check is an audit itself.
        PoolError: a pool, or the judge's answers, cannot be read or written.
    """
    check = configs[0].curation.label_check
    if check == "none":
        return None
    if check == "audit":
        raise ConfigError("curation.label_check=audit: an audit is not judged by an audit; as curation=judged llm@judge=NAME")
    corpus = _corpus(configs)
    agreed: dict[Stratum, dict[str, bool]] = defaultdict(dict)
    known: set[str] = set()
    for number, config in enumerate(configs, start=1):
        progress(Stage(f"{CHECK_NAMES.get(check, config.judge.name)} reads pool {number} of {len(configs)}"))
        of_pool = _judge_pool(config, corpus, audit, progress)
        for stratum, verdicts in of_pool.items():
            # If two pools have equal texts, the audit drew the first pool's.
            agreed[stratum] |= {key: verdict for key, verdict in verdicts.items() if key not in known}
        known |= {key for verdicts in of_pool.values() for key in verdicts}
    return Judged(CHECK_NAMES.get(check, configs[0].judge.name), dict(agreed))


def _judge_pool(config: TrainingDataConfig, corpus: Corpus, audit: Audit, progress: Progress) -> dict[Stratum, dict[str, bool]]:
    """Whether the check agrees with the label that each text was asked for, by stratum and text."""
    pool, _ = read_pool(config, corpus, Collaborators(progress=progress))
    strata = {stratum: texts for stratum, texts in strata_of(pool.examples, audit.labels).items() if stratum in audit.sizes}
    texts = [text for of_stratum in strata.values() for text in of_stratum]
    checker = open_label_checker(config, corpus, open_embedder(config), Collaborators(progress=progress))
    verdicts = dict(zip(map(_key, texts), checker.check(texts) if checker else [], strict=True))
    agreed: dict[Stratum, dict[str, bool]] = {}
    for stratum, of_stratum in strata.items():
        # A near miss was asked not to carry the criterion: the check agrees with it by not seeing the criterion.
        pairs = {_key(text): (verdicts[_key(text)], stratum.criterion in text.labels) for text in of_stratum}
        agreed[stratum] = {
            key: (stratum.criterion in verdict.labels) == written
            for key, (verdict, written) in pairs.items()
            if verdict is not None
        }
    return agreed


def _key(text: Example) -> str:
    # Two files of the same name may give two texts the same id.
    return text_key(text.text)
