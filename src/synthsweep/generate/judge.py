"""A judge: an LLM that reads texts against every criterion. Its answers are stored like replies, so each is paid for once."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import TrainingDataConfig
from synthsweep.errors import PoolError
from synthsweep.examples import Example, LabelSet
from synthsweep.generate.asking import SENDING, Asking
from synthsweep.generate.budget import budget_of
from synthsweep.generate.completer import JUDGE, Completion, CompletionRequest
from synthsweep.generate.llm.endpoint.trust import require_allowed
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.missing import MissingAnswers, MissingRequests
from synthsweep.generate.prompts.question import render_question
from synthsweep.generate.replies.judge_answer import read_answer, verdict_of
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.readings import say_read_anew
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
        job = self.plan(examples)
        self._ask(job)
        verdicts: list[Verdict | None] = []
        paid: set[str] = set()
        for example in examples:
            requests = self._requests(example)
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
        self._require_private(examples)
        config, llm = self.config, self._llm
        price, replies = self.asking.price(llm), self.asking.replies(config, llm)
        # Equal texts are one question.
        requests = {(r.digest, r.sample): r for example in examples for r in self._requests(example)}
        missing = MissingAnswers([*requests.values()], self._read, replies.complete)
        job = LlmJob(llm, config.generate, missing, tuple(missing.begin()), replies, price, budget_of(config, price))
        say_read_anew(job)
        return job

    @property
    def _llm(self) -> LlmConfig:
        judge = self.config.judge
        # The schema describes texts, not answers, so a server that supports schemas is asked for plain JSON.
        return replace(judge, reply_format="json_object") if judge.reply_format == "json_schema" else judge

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

    def _ask(self, job: LlmJob) -> None:
        if job.requests and not job.settings.on_demand:
            raise PoolError(
                f"{job.llm.choice} has {job.missing.done} of {job.missing.total} answers, and generate.on_demand=false: "
                "the same with generate.on_demand=true asks for them"
            )
        self.asking.ask(job, self.progress)
        if not job.missing.complete:
            log.warning("%s are there: their verdicts follow from fewer; the same command asks for the rest", job.state)

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
        judge, reasons = job.llm.choice, _why_unusable(job.missing)
        if without == len(verdicts):
            raise PoolError(
                f"{judge} gave no usable answer about any of {without} texts ({reasons}): its answers are kept; "
                "another judge (llm@judge=NAME) or another tracking.folder asks anew"
            )
        log.warning(
            "%s gave no usable answer about %d of %d texts (%s): they have no verdict", judge, without, len(verdicts), reasons
        )


def _why_unusable(missing: MissingRequests) -> str:
    """`3 no answer, 1 not there`: the most common reasons why questions have no usable answer."""
    reasons = missing.rejected + Counter({"not there": missing.total - missing.done})
    return ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(3))


def _may_derive(llm: Mapping[str, Any]) -> bool:
    """Whether an LLM's texts may contain real ones even if its prompt shows none; a union's may if any member's may."""
    # The contents of a user's file are unknown, as are the prompts that its replies answer.
    if llm.get("path") or llm.get("kind") in RECOMBINING:
        return True
    members = llm.get("members") or {}
    return any(_may_derive(member) for member in members.values() if isinstance(member, Mapping))
