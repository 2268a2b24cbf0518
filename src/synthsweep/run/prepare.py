"""The texts that a run trains on and is evaluated on: load -> split -> generate -> plant -> curate -> select -> mix."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from synthsweep.audit.checker import Audited, open_audited
from synthsweep.config.keys.llm import with_members
from synthsweep.config.keys.run import PoolConfig, TrainingDataConfig
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.corpus.describe import corpus_lines
from synthsweep.curate.drop import Curated, curate, repeats_of
from synthsweep.curate.embedder import Embedder
from synthsweep.curate.mix import Mix, draw_order, mix
from synthsweep.curate.plant import Planted, plant
from synthsweep.curate.select import select_order
from synthsweep.errors import PoolError
from synthsweep.examples import Example, LabelSet, digest_examples, digest_of, labels_without_positive
from synthsweep.generate.completer import Completer
from synthsweep.generate.open_completer import open_completer
from synthsweep.generate.pool import Pool, fill_pool
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.label_checker import LabelChecker
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted
from synthsweep.progress import Stage
from synthsweep.run.characterize import measure, open_embedder
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.models import ENCODER, contents_of_models
from synthsweep.run.own_pools import OwnRows, with_own_ids

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingData:
    """The corpus, the pool (as written, with planted faults, after curation) and the mix that is trained on.

    `llm` is empty where no text is synthetic; `audited` is the audit that `curation.audit` names. `models` holds what each
    pretrained model that acts on the run's numbers contains, by the key that names it.
    """

    corpus: Corpus
    pool: Pool
    curated: Curated
    mix: Mix
    llm: str
    planted: Planted = field(default_factory=Planted)
    audited: Audited | None = None
    models: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def data_digest(self) -> str:
        """The digest of every real text, its labels and its part of the split."""
        return digest_of([digest_examples(examples) for examples in self.corpus.split.parts.values()])

    @cached_property
    def mix_digest(self) -> str:
        """The digest of every text that is trained on, in order."""
        return digest_examples(self.mix.examples)


def prepare(config: TrainingDataConfig, collaborators: Collaborators = DEFAULTS) -> TrainingData:
    """The training data of a configuration, with its dev and test texts; synthetic texts reach the training part only.

    Raises:
        DataError: the corpus does not hold what the configuration says.
        PoolError: the synthetic texts cannot be obtained, or are too few.
    """
    # Before any of them is read: a run ends if one changes meanwhile.
    models = contents_of_models(config, synthetic=config.mix.reads_pool, embedder=collaborators.embedder)
    cache = collaborators.cache.corpora if collaborators.cache else None
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset, cache=cache)
    for line in corpus_lines(corpus):
        # Before anything is asked for or trained.
        collaborators.progress(Stage(line))
    pool, llm = Pool(), ""
    if config.mix.reads_pool:
        pool, llm = read_pool(config, corpus, collaborators)
    planted = plant(pool.examples, config.plant, corpus.labels.ids, seed=config.seeds.draw)
    # Read once: an answer that arrives meanwhile must count in every step or in none.
    audited = _open_audited(config) if planted.examples else None
    curated = curate_pool(config, corpus, planted, collaborators, audited=audited)
    ordered = [curated.kept[index] for index in _selection_order(config, corpus, curated.kept, collaborators.embedder)]
    try:
        drawn = mix(
            corpus.split.train, ordered, config.mix,
            label_ids=corpus.labels.ids, reserve=corpus.reserve, seed=config.seeds.draw,
        )  # fmt: skip
    except PoolError as error:
        raise PoolError(f"{error}{_drops(pool, curated)}") from error
    _warn_of_missing_labels(drawn, corpus.labels)
    if not drawn.synthetic:
        acting = {key: content for key, content in models.items() if key == ENCODER}
        return TrainingData(corpus, pool, curated, drawn, "", planted, models=acting)
    return TrainingData(corpus, pool, curated, drawn, llm, planted, audited, models)


def read_pool(config: PoolConfig, corpus: Corpus, collaborators: Collaborators = DEFAULTS) -> tuple[Pool, str]:
    """The pool of a configuration, filled where texts are missing, and the name of its writer."""
    pools = {} if collaborators.pools is None else collaborators.pools
    if (key := pool_key(config)) not in pools:
        pools[key] = _read_pool(config, corpus, collaborators)
    return pools[key]


def pool_key(config: PoolConfig) -> str:
    """The same for configurations of one pool: prompts may show real texts, and a budget is that of a study."""
    written = (config.llm, config.prompt, config.generate, config.privacy, config.study, config.tracking)
    return repr((*written, config.labels, config.data, config.seeds.subset))


def _read_pool(config: PoolConfig, corpus: Corpus, collaborators: Collaborators) -> tuple[Pool, str]:
    prompt_plan = prompt_plan_of(config, corpus)
    completer = collaborators.completer or open_completer_of(config, prompt_plan, corpus, collaborators)
    pool = fill_pool(config, prompt_plan, completer)
    if any(one.get("path") for one in with_members(vars(config.llm))):
        pool = replace(pool, examples=with_own_ids(pool.examples, corpus))
    return pool, completer.name


def open_completer_of(
    config: PoolConfig, prompt_plan: PromptPlan, corpus: Corpus, collaborators: Collaborators = DEFAULTS
) -> Completer:
    """The completer of a configuration beside its corpus, whose columns a pool of the user's own may have, too."""
    rows = OwnRows(config.data, corpus.labels.ids)
    return open_completer(config, prompt_plan, corpus.split.train, collaborators.progress, collaborators.asking, rows)


def prompt_plan_of(config: PoolConfig, corpus: Corpus) -> PromptPlan:
    """The prompts of a configuration, and the real texts that they may show."""
    split = corpus.split
    return PromptPlan(config.prompt, corpus.labels, RealTexts(split.train, split.evaluated), config.llm.reply_form)


def curate_pool(
    config: TrainingDataConfig,
    corpus: Corpus,
    planted: Planted,
    collaborators: Collaborators = DEFAULTS,
    *,
    audited: Audited | None = None,
) -> Curated:
    """The texts of a pool that curation keeps, and the others with the step that dropped them."""
    embedder = collaborators.embedder or open_embedder(config)
    split = corpus.split
    checker = open_label_checker(config, corpus, embedder, collaborators, audited) if planted.examples else None
    curated = curate(
        planted.examples,
        train=split.train,
        evaluated=split.evaluated,
        config=config.curation,
        label_ids=corpus.labels.ids,
        kind=corpus.labels.kind,
        embedder=embedder,
        checker=checker,
        seed=config.seeds.draw,
        whole=planted.whole,
    )
    _warn_of_train_copies(curated, split.train)
    if config.curation.label_check == "audit" and curated.unjudged and not curated.verdicts:
        log.warning("curation.audit=%s has judged none of these texts: it changes nothing", config.curation.audit)
    return curated


def _warn_of_train_copies(curated: Curated, train: Sequence[Example]) -> None:
    copies = repeats_of(curated.kept, train)
    if copies:
        first, like = next(iter(copies.items()))
        log.warning(
            "%s of the pool %s a real training text (%s is %s): they add no new words; curation=near drops such copies",
            counted(len(copies), "text"), "repeat" if len(copies) > 1 else "repeats", first, like,
        )  # fmt: skip


def open_label_checker(
    config: TrainingDataConfig,
    corpus: Corpus,
    embedder: Embedder,
    collaborators: Collaborators = DEFAULTS,
    audited: Audited | None = None,
) -> LabelChecker | None:
    """The label check of a configuration; None where there is none."""
    train, label_ids, settings = corpus.split.train, corpus.labels.ids, config.curation
    if settings.label_check == "classifier":
        # With few real texts, these checks learn more from embeddings than from words.
        from synthsweep.curate.label_checks.classifier import ClassifierChecker

        return ClassifierChecker(train, label_ids, settings.confidence, embedder.embed)
    if settings.label_check == "confident":
        from synthsweep.curate.label_checks.confident import ConfidentChecker

        return ConfidentChecker(train, label_ids, embedder.embed)
    if settings.label_check == "judge":
        from synthsweep.generate.judge import Judge

        return Judge(config, corpus.labels, collaborators.progress, collaborators.asking)
    if settings.label_check == "audit":
        return audited or _open_audited(config)
    return None


def _open_audited(config: TrainingDataConfig) -> Audited | None:
    name = config.curation.audit
    return open_audited(config.tracking.folder, name) if name else None


def _selection_order(
    config: TrainingDataConfig, corpus: Corpus, pool: Sequence[Example], embedder: Embedder | None
) -> Sequence[int]:
    """Indices of the pool in the order in which a mix takes its texts."""
    by, seed = config.select.by, config.seeds.draw
    if by is None:
        return draw_order(pool, seed=seed)
    texts = measure(config, pool, corpus.split.train, (), corpus.labels, embedder=embedder, only=by).texts
    return select_order(pool, texts.get(by, np.empty(0)), texts.get("length", np.empty(0)), config.select, seed)


def _drops(pool: Pool, curated: Curated) -> str:
    steps = {step.replace("_", " "): count for step, count in curated.counts.items()}
    counts = {**steps, "pieces of replies": len(pool.rejected)}
    listed = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    reason = f" ({pool.rejected[0].reason})" if pool.rejected else ""
    return f"; dropped on the way: {listed}{reason}" if listed else ""


def _warn_of_missing_labels(drawn: Mix, labels: LabelSet) -> None:
    missing = labels_without_positive(drawn.synthetic, labels.ids)
    if drawn.synthetic and missing:
        log.warning("no synthetic text carries %s: they dilute it", listing(missing, 20))
