"""An LLM that is asked about every text of dev and test, with or without training texts as examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.metrics import SECONDS_PER_1000, USD_PER_1000
from synthsweep.corpus.corpus import Corpus
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.missing import MissingAnswers
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.replies.store import StoredReply
from synthsweep.generate.text_classifier import TextClassifier
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint


@dataclass(frozen=True)
class AskedLlm:
    """An LLM all of whose answers are there, so it is opened and trained at once; `known` has the probabilities by text."""

    known: Mapping[str, np.ndarray]
    dev_probabilities: np.ndarray
    counts: dict[str, float]
    curve: "tuple[CurvePoint, ...]" = ()
    dev_s: float = 0.0
    earlier_s: float = 0.0

    def forget(self) -> None:
        """Nothing is kept of its training."""

    def fit(self, record_point: "Callable[[CurvePoint], None]", *, epochs: int | None = None) -> "AskedLlm":
        return self

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, criteria) in [0, 1]; only of texts that it was asked about."""
        return np.array([self.known[text] for text in texts])


@dataclass(frozen=True)
class LlmTexts:
    """The texts that an LLM is asked about, each once, and the classifier that asks."""

    classifier: TextClassifier
    examples: tuple[Example, ...] = field(default=())


def llm_texts(config: RunConfig, corpus: Corpus, collaborators: Collaborators) -> LlmTexts:
    """What `model=llm` asks about a corpus; nothing is sent yet."""
    split = corpus.split
    evaluated = {one.text: one for part in (split.dev, *split.tests.values()) for one in part}
    classifier = TextClassifier(
        config, corpus.labels, RealTexts(split.train, split.evaluated), _shares(split.train, corpus),
        collaborators.progress, collaborators.asking,
    )  # fmt: skip
    return LlmTexts(classifier, tuple(evaluated.values()))


def open_llm(config: RunConfig, prepared: TrainingData, collaborators: Collaborators) -> AskedLlm:
    """Asks about dev and test before a run is opened, so that one that stops on the way leaves no run.

    Raises:
        PrivacyError: the LLM is not on this machine, and no key allows it to read real texts.
        PoolError: answers are missing and may not be requested, or no answer is usable.
    """
    asked = llm_texts(config, prepared.corpus, collaborators)
    job = asked.classifier.ask(asked.examples)
    rows = asked.classifier.probabilities(asked.examples, job)
    known = {example.text: row for example, row in zip(asked.examples, rows, strict=True)}
    dev = np.array([known[example.text] for example in prepared.corpus.split.dev])
    return AskedLlm(known, dev, _costs(job, len(asked.examples)))


def _costs(job: LlmJob, texts: int) -> dict[str, float]:
    """What the answers took, whenever they were asked for; seconds are those of one request at a time."""
    assert isinstance(job.missing, MissingAnswers)
    found = [reply for reply in map(job.replies.look, job.missing.requests) if isinstance(reply, StoredReply)]
    usd = sum(reply.completion.usd or 0.0 for reply in found)
    waited = [reply.latency_s for reply in found if reply.latency_s is not None]
    timed = {SECONDS_PER_1000: 1000 * float(np.mean(waited)) * len(found) / texts} if waited else {}
    return {"train/steps": 0.0, "cost/usd": usd, USD_PER_1000: 1000 * usd / texts, **timed}


def _shares(train: Sequence[Example], corpus: Corpus) -> np.ndarray:
    """The share of each label in the training texts: what is said of a text without a usable answer."""
    truth = np.array(label_matrix(train, corpus.labels.ids))
    known = truth != UNKNOWN
    shares = ((truth == 1).sum(axis=0) + 0.5) / (known.sum(axis=0) + 1)
    return np.asarray(shares / shares.sum() if corpus.labels.kind == "single" else shares)
