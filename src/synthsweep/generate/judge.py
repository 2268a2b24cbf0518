"""A judge: an LLM that reads texts against every criterion. Its answers are stored like replies, so each is paid for once."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

from synthsweep.config.keys.run import TrainingDataConfig
from synthsweep.errors import PoolError
from synthsweep.examples import Example, LabelSet
from synthsweep.generate.answers import answering, ask_for, plan_answers, why_unusable
from synthsweep.generate.asking import SENDING, Asking
from synthsweep.generate.budget import budget_of
from synthsweep.generate.completer import JUDGE, Completion, CompletionRequest
from synthsweep.generate.llm.endpoint.trust import require_allowed
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.prompts.question import render_question
from synthsweep.generate.replies.judge_answer import read_answer, verdict_of
from synthsweep.generate.replies.parse import Rejected
from synthsweep.label_checker import Verdict
from synthsweep.progress import Progress

log = logging.getLogger(__name__)

# These recombine real texts, even if their prompt shows none.
RECOMBINING = frozenset({"simulator", "eda", "masked_lm"})


@dataclass(frozen=True)
class Judge:
    """A LabelChecker that asks the LLM of `config.judge` about each text `curation.judge_answers` times."""

    config: TrainingDataConfig
    labels: LabelSet
    progress: Progress
    asking: Asking = SENDING

    def check(self, examples: Sequence[Example]) -> list[Verdict | None]:
        """A verdict per text, None without a usable answer; missing answers are requested first.

        Equal texts are paid for once, and the first of them bears the cost.

        Raises:
            PrivacyError: a text derives from real ones, or may, and the judge is not on this machine.
            PoolError: some answers are missing and may not be requested, or no answer is usable.
            CompletionError: the server answers nothing more; its earlier answers are stored.
        """
        asked = [self._requests(example) for example in examples]
        job = self._plan(examples, asked)
        ask_for(job, self.asking, self.progress, "their verdicts follow from fewer")
        verdicts: list[Verdict | None] = []
        paid: set[str] = set()
        for example, requests in zip(examples, asked, strict=True):
            verdicts.append(self._verdict(example, requests, job, again=requests[0].digest in paid))
            paid.add(requests[0].digest)
        self._require_verdicts(verdicts, job)
        return verdicts

    def plan(self, examples: Sequence[Example]) -> LlmJob:
        """The answers that the store lacks, and their cost; nothing is sent.

        Raises:
            PrivacyError: a text derives from real ones, or may, and the judge is not on this machine.
            ConfigError: the price is unknown.
        """
        return self._plan(examples, map(self._requests, examples))

    def _plan(self, examples: Sequence[Example], asked: Iterable[Sequence[CompletionRequest]]) -> LlmJob:
        self._require_private(examples)
        requests, budget = chain.from_iterable(asked), partial(budget_of, self.config)
        return plan_answers(self.config, answering(self.config.judge), requests, self._read, self.asking, budget)

    def _read(self, completion: Completion) -> frozenset[str] | Rejected:
        return read_answer(completion, self.labels, self.config.judge.answerers)

    def _requests(self, example: Example) -> list[CompletionRequest]:
        chat = render_question(example.text, self.labels, self.config.curation)
        sources = example.provenance.sources or ((example.id,) if _may_derive(vars(self.config.llm)) else ())
        return [
            CompletionRequest(chat, example.provenance.criterion, n=1, sample=sample, variant=JUDGE, sources=sources)
            for sample in range(self.config.curation.judge_answers)
        ]

    def _require_private(self, examples: Sequence[Example]) -> None:
        judge, llm = self.config.judge, self.config.llm
        if examples and (_may_derive(vars(llm)) or any(example.provenance.sources for example in examples)):
            shown = f"{judge.choice} shows texts of {llm.choice} that are made of real ones, or may be,"
            require_allowed(judge, self.config.privacy, shown)

    def _verdict(self, example: Example, requests: Sequence[CompletionRequest], job: LlmJob, *, again: bool) -> Verdict | None:
        completions = [completion for completion in map(job.replies.complete, requests) if completion is not None]
        answers = [self._read(completion) for completion in completions]
        verdict = verdict_of([answer for answer in answers if not isinstance(answer, Rejected)], example.labels)
        usd = 0.0 if again else sum(completion.usd or 0.0 for completion in completions)
        return verdict and replace(verdict, usd=usd)

    def _require_verdicts(self, verdicts: Sequence[Verdict | None], job: LlmJob) -> None:
        without = sum(verdict is None for verdict in verdicts)
        if not without:
            return
        judge, reasons = job.llm.choice, why_unusable(job.missing)
        if without == len(verdicts):
            raise PoolError(
                f"{judge} gave no usable answer about any of {without} texts ({reasons}): its answers are kept; "
                "another judge (llm@judge=NAME) or another tracking.folder asks anew"
            )
        log.warning(
            "%s gave no usable answer about %d of %d texts (%s): they have no verdict", judge, without, len(verdicts), reasons
        )


def _may_derive(llm: Mapping[str, Any]) -> bool:
    """Whether an LLM's texts may contain real ones even if its prompt shows none; a union's may if any member's may."""
    # The contents of a user's file are unknown, as are the prompts that its replies answer.
    if llm.get("path") or llm.get("kind") in RECOMBINING:
        return True
    members = llm.get("members") or {}
    return any(_may_derive(member) for member in members.values() if isinstance(member, Mapping))
