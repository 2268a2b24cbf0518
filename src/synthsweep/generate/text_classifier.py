"""An LLM as the classifier: it reads each text against every label; probabilities are shares of its answers, or its tokens'.

Its answers are stored like replies, so each is paid for once, and a command that was stopped goes on where it was.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import PoolError
from synthsweep.examples import Example, LabelSet
from synthsweep.generate.answers import answering, ask_for, plan_answers, why_unusable
from synthsweep.generate.asking import SENDING, Asking
from synthsweep.generate.budget import Budget
from synthsweep.generate.completer import CLASSIFIER, Completion, CompletionRequest, Message
from synthsweep.generate.llm.endpoint.trust import require_allowed
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.llm.prices import Price
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.question import ONE_CLASS
from synthsweep.generate.prompts.render import rendered
from synthsweep.generate.replies.judge_answer import read_answer
from synthsweep.generate.replies.parse import Rejected, reject_whole
from synthsweep.generate.replies.token_answers import asked_form, label_probabilities, stated_form
from synthsweep.progress import Progress, silent

log = logging.getLogger(__name__)
HALF = 0.5
# The form of an answer whose tokens say how likely each label is; it takes the place of the one that a template asks for.
YES_OR_NO = "In place of any other form, answer with a JSON object that says yes or no of each id, and nothing else:"


@dataclass(frozen=True)
class TextClassifier:
    """Asks the LLM of `config.classifier` about each text `model.answers` times; `real` are the texts that it may be shown.

    `fallback` (criteria,) are the probabilities of a text without a usable answer.
    """

    config: RunConfig
    labels: LabelSet
    real: RealTexts
    fallback: np.ndarray
    progress: Progress = silent
    asking: Asking = field(default=SENDING)

    def plan(self, examples: Sequence[Example]) -> LlmJob:
        """The answers that the store lacks, and their cost; nothing is sent.

        Raises:
            PrivacyError: the LLM is not on this machine, and the texts are real.
            PoolError: a label has too few training texts to show.
            ConfigError: the price is unknown, or a template is wrong.
        """
        llm = self.config.classifier
        require_allowed(llm, self.config.privacy, f"{llm.choice} reads the texts of dev and test, which are real,")
        requests = (request for example in examples for request in self._requests(example))
        return plan_answers(self.config, answering(llm), requests, self._read, self.asking, self._budget)

    def ask(self, examples: Sequence[Example]) -> LlmJob:
        """Asks for the answers that are not there yet.

        Raises:
            PoolError: answers are missing and may not be requested, the budget is used up, or no answer is usable.
            CompletionError: the server answers nothing more; its earlier answers are stored.
        """
        job = self.plan(examples)
        ask_for(job, self.asking, self.progress, "probabilities follow from fewer")
        reasons = why_unusable(job.missing)
        if not job.missing.usable:
            raise PoolError(
                f"{job.llm.choice} gave no usable answer about any text ({reasons}): its answers are kept; another LLM "
                "(llm@classifier=NAME) or another tracking.folder asks anew"
            )
        if reasons:
            log.warning("%s: %d answers cannot be used (%s)", job.llm.choice, job.missing.total - job.missing.usable, reasons)
        return job

    def probabilities(self, examples: Sequence[Example], job: LlmJob) -> np.ndarray:
        """(texts, criteria): the share of the usable answers that name each criterion, or what their tokens say.

        Where each text carries exactly one label, an answer that names none counts equally for all.
        """
        return np.array([self._shares(example, job) for example in examples])

    def _shares(self, example: Example, job: LlmJob) -> np.ndarray:
        completions = filter(None, map(job.replies.complete, self._requests(example)))
        rows = [row for row in map(self._row, completions) if not isinstance(row, Rejected)]
        return np.asarray(np.mean(rows, axis=0)) if rows else self.fallback

    @property
    def _by_tokens(self) -> bool:
        return self.config.model.probabilities == "logprobs"

    def _row(self, completion: Completion) -> np.ndarray | Rejected:
        """What one answer says of each criterion."""
        if self._by_tokens:
            return self._token_row(completion)
        answer = read_answer(completion, self.labels, self.config.classifier.answerers)
        return answer if isinstance(answer, Rejected) else self._named(answer)

    def _token_row(self, completion: Completion) -> np.ndarray | Rejected:
        if rejected := reject_whole(completion, self.config.classifier.answerers):
            return rejected
        found = label_probabilities(completion.tokens, self.labels.ids) if completion.tokens else None
        if found is None:
            return Rejected("no token probabilities for each label", completion.text)
        row = np.array(found)
        if self.labels.kind != "single":
            return row
        # Of exclusive classes one holds.
        return row / row.sum() if row.any() else self._named(frozenset())

    def _named(self, answer: frozenset[str]) -> np.ndarray:
        if self.labels.kind == "single" and not answer:
            return np.full(len(self.labels.ids), 1 / len(self.labels.ids))
        return np.array([float(label in answer) for label in self.labels.ids])

    def _read(self, completion: Completion) -> frozenset[str] | Rejected:
        row = self._row(completion)
        if isinstance(row, Rejected):
            return row
        return frozenset(label for label, probability in zip(self.labels.ids, row, strict=True) if probability > HALF)

    def _requests(self, example: Example) -> list[CompletionRequest]:
        # They are needed once more when the answers are there.
        place = (example.id, example.text)
        if place not in self._rendered:
            self._rendered[place] = self._render(example)
        return self._rendered[place]

    @cached_property
    def _rendered(self) -> dict[tuple[str, str], list[CompletionRequest]]:
        return {}

    def _render(self, example: Example) -> list[CompletionRequest]:
        chat = self._chat(example.text)
        sources = (example.id, *(one.id for one in self.exemplars))
        return [
            CompletionRequest(chat, "", 1, sample, variant=CLASSIFIER, sources=sources, logprobs=self._by_tokens)
            for sample in range(self.config.model.answers)
        ]

    def _chat(self, text: str) -> tuple[Message, ...]:
        values = {
            "text": " ".join(text.split()),
            "text_kind": self.labels.text_kind,
            "criteria": [criterion.definition for criterion in self.labels.criteria],
            "examples": [_shown(one, self.labels, by_tokens=self._by_tokens) for one in self.exemplars],
        }
        user = rendered("model.template", self.config.model.template, values)
        system = rendered("model.system", self.config.model.system, values)
        asked = f"{user}\n\n{ONE_CLASS}" if self.labels.kind == "single" else user
        if self._by_tokens:
            asked = f"{asked}\n\n{YES_OR_NO} {asked_form(self.labels.ids)}"
        return (*([Message("system", system)] if system else []), Message("user", asked))

    @cached_property
    def exemplars(self) -> tuple[Example, ...]:
        """The training texts that each question shows, drawn by `seeds.draw`, each once."""
        count, seed = self.config.model.exemplars, self.config.seeds.draw
        drawn = [self.real.draw(label, f"classifier/{seed}/{label}", count, decided=True) for label in self.labels.ids if count]
        return tuple({one.id: one for of_label in drawn for one in of_label}.values())

    def _budget(self, price: Price) -> Budget:
        """That of the study, or of the LLM as a classifier."""
        name = self.config.study or f"{self.config.classifier.model}/{CLASSIFIER}"
        return Budget(name, None if price.free else self.config.generate.max_usd)


def _shown(example: Example, labels: LabelSet, *, by_tokens: bool) -> Mapping[str, str]:
    named = [label for label in labels.ids if label in example.labels]
    answer = stated_form(labels.ids, example.labels) if by_tokens else json.dumps({"labels": named}, ensure_ascii=False)
    return {"text": " ".join(example.text.split()), "labels": answer}
