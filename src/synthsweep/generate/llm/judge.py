"""An LLM reads texts against every criterion; its answers are stored as replies are: paid once, and a kill loses none."""

import asyncio
import json
import logging
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from synthsweep.config.schema import TrainingDataConfig
from synthsweep.config.synthetic import CurationConfig
from synthsweep.errors import Interrupted, PoolError, PrivacyError, SynthsweepError
from synthsweep.examples import Criterion, Example, LabelSet
from synthsweep.generate.completer import Completion, CompletionRequest, Message
from synthsweep.generate.llm.fill import AsyncFiller
from synthsweep.generate.llm.job import GenerationJob, format_spending, require_means, stored_replies
from synthsweep.generate.llm.openai_client import OpenAiCompleter, is_loopback
from synthsweep.generate.llm.pool_request import Budget, FillStats
from synthsweep.generate.llm.prices import price_of
from synthsweep.generate.missing import MissingRequests
from synthsweep.generate.offline.recorded import JUDGE
from synthsweep.generate.pool import ReplyParser
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.prompts.render import rendered
from synthsweep.generate.replies.parse import Rejected
from synthsweep.label_checker import LabelChecker, Verdict
from synthsweep.progress import Progress

log = logging.getLogger(__name__)

# They write by recombining real texts, whatever their prompt shows.
RECOMBINING = frozenset({"simulator", "eda", "masked_lm"})


@dataclass
class Questions(MissingRequests):
    """What is wanted of a judge: one answer to each of its requests, usable or not."""

    requests: Sequence[CompletionRequest] = ()
    answered: int = 0
    unit = "answers"

    def begin(self) -> deque[CompletionRequest]:
        self.answered = 0
        self.rejected.clear()
        missing: deque[CompletionRequest] = deque()
        for request in self.requests:
            kept = self.lookup(request)
            if kept is None:
                missing.append(request)
            else:
                self._count(request, kept)
        self.stored = self.answered
        return missing

    def on_reply(self, request: CompletionRequest, completion: Completion) -> list[CompletionRequest]:
        """An answer of no use is not asked for anew: k answers are k."""
        self._count(request, completion)
        return []

    def on_failure(self, request: CompletionRequest) -> None:
        """The next job begins with it."""

    @property
    def complete(self) -> bool:
        return self.answered == self.total

    @property
    def done(self) -> int:
        return self.answered

    @property
    def total(self) -> int:
        return len(self.requests)

    def _count(self, request: CompletionRequest, completion: Completion) -> None:
        self.answered += 1
        answer = answer_of(self.reading, completion)
        if isinstance(answer, Rejected):
            self.rejected[answer.kind] += 1


@dataclass(frozen=True)
class Judge:
    """A LabelChecker that asks the LLM of `config.judge` about each text `curation.judge_answers` times."""

    config: TrainingDataConfig
    labels: LabelSet
    progress: Progress

    def check(self, examples: Sequence[Example]) -> list[Verdict | None]:
        """None where no answer is usable; what the store lacks is asked for first.

        Texts that are alike were paid for once, and the first of them bears the cost.

        Raises:
            PrivacyError: a text derives from real ones, or may, and the judge is not on this machine.
            PoolError: answers are missing, and nobody may ask for them, or for all of them; or none is usable.
            CompletionError: the server answers nothing more; what it answered is stored.
        """
        job = self.plan(examples)
        with _named_as_judge():
            self._ask(job)
        verdicts: list[Verdict | None] = []
        paid: set[str] = set()
        for example in examples:
            question = self._requests(example)
            verdicts.append(self._verdict(example, question, job, again=question[0].digest in paid))
            paid.add(question[0].digest)
        self._require_verdicts(verdicts, job)
        return verdicts

    def plan(self, examples: Sequence[Example]) -> GenerationJob:
        """What the store lacks, and what it would cost; nothing is sent.

        Raises:
            PrivacyError: a text derives from real ones, or may, and the judge is not on this machine.
            ConfigError: nobody knows the price.
        """
        self._require_private(examples)
        config = self._asked_config()
        with _named_as_judge():
            price, replies = price_of(config.llm), stored_replies(config)
        reading = ReplyParser(self.labels.ids, JUDGE, None, config.llm.answerers)
        prompt_plan = PromptPlan(replace(config.prompt, variant=JUDGE, per_request=1), self.labels, form="json")
        # Texts that are alike are one question.
        unique = {(r.digest, r.sample): r for example in examples for r in self._requests(example)}
        questions = Questions(
            prompt_plan, reading, self.config.curation.judge_answers, replies.complete, requests=[*unique.values()]
        )
        missing = tuple(questions.begin())
        return GenerationJob(
            config,
            questions,
            replies,
            missing,
            price,
            Budget(self._budget_name, None if price.free else config.generate.max_usd),
        )

    def _asked_config(self) -> TrainingDataConfig:
        """The configuration as if the judge were the LLM that writes."""
        # The schema of a reply is that of texts, so a server that takes schemas is told of JSON alone.
        judge = self.config.judge
        form = "json_object" if judge.reply_format == "json_schema" else judge.reply_format
        # A batch knows its requests by criterion and sample, which is no address of a text.
        alone = replace(self.config.generate, batch=False)
        return replace(self.config, llm=replace(judge, reply_format=form), generate=alone)

    @property
    def _budget_name(self) -> str:
        """That of the pool, or of the study: a pool and its check together cost no more than generate.max_usd."""
        llm = self.config.llm
        return self.config.study or f"{llm.model if llm.hosted else llm.name}/{self.config.prompt.variant}"

    def _requests(self, example: Example) -> list[CompletionRequest]:
        chat = messages_of(example.text, self.labels, self.config.curation)
        sources = example.provenance.sources or ((example.id,) if _may_derive(vars(self.config.llm)) else ())
        return [
            CompletionRequest(chat, example.provenance.criterion, n=1, sample=sample, variant=JUDGE, sources=sources)
            for sample in range(self.config.curation.judge_answers)
        ]

    def _require_private(self, examples: Sequence[Example]) -> None:
        judge, llm = self.config.judge, self.config.llm
        derived = bool(examples) and (_may_derive(vars(llm)) or any(example.provenance.sources for example in examples))
        if not derived or self.config.privacy.allow_real_text or is_loopback(judge.base_url or ""):
            return
        raise PrivacyError(
            f"llm@judge={judge.name} shows texts of llm={llm.name} that are made of real ones, or may be, to "
            f"{urlsplit(judge.base_url or '').hostname}: refused; "
            "privacy.allow_real_text=true allows it, a server on 127.0.0.1 needs no permission"
        )

    def _ask(self, job: GenerationJob) -> None:
        if not job.missing:
            return
        config, wanted = job.config, job.wanted
        lacks = f"llm@judge={config.llm.name} has {wanted.done} of {wanted.total} answers"
        if not config.generate.on_demand:
            raise PoolError(f"{lacks}, and generate.on_demand=false: the same with generate.on_demand=true asks for them")
        require_means(job)
        filled = asyncio.run(_filled(job, self.progress))
        there = f"{wanted.done} of {wanted.total} answers of llm@judge={config.llm.name} are there"
        if filled.stopped == "interrupt":
            raise Interrupted(f"interrupted; {there}, the same command goes on")
        if filled.stopped == "budget" and config.generate.max_usd is not None:
            spent = f"{format_spending(job)} spent on {job.budget.name}"
            raise PoolError(
                f"generate.max_usd={config.generate.max_usd:g} is used up: {spent}, {there}; a larger generate.max_usd goes on"
            )
        if not wanted.complete:
            log.warning("%s: their verdicts follow from fewer; the same command asks for the rest", there)

    def _verdict(
        self, example: Example, question: Sequence[CompletionRequest], job: GenerationJob, *, again: bool
    ) -> Verdict | None:
        found = [completion for completion in map(job.replies.complete, question) if completion is not None]
        answers = [answer_of(job.wanted.reading, completion) for completion in found]
        verdict = verdict_of([answer for answer in answers if not isinstance(answer, Rejected)], example.labels)
        usd = 0.0 if again else sum(completion.usd or 0.0 for completion in found)
        return verdict and replace(verdict, usd=usd)

    def _require_verdicts(self, verdicts: Sequence[Verdict | None], job: GenerationJob) -> None:
        without = sum(verdict is None for verdict in verdicts)
        if not without:
            return
        judge, useless = f"llm@judge={self.config.judge.name}", _useless(job.wanted)
        if without == len(verdicts):
            raise PoolError(
                f"{judge} gave no usable answer about any of {without} texts ({useless}): its answers are kept; "
                "another judge (llm@judge=NAME) or another tracking.folder asks anew"
            )
        log.warning(
            "%s gave no usable answer about %d of %d texts (%s): they have no verdict", judge, without, len(verdicts), useless
        )


def _useless(wanted: MissingRequests) -> str:
    """`3 no answer, 1 not there`: why questions have no usable answer, the most common reasons first."""
    reasons = wanted.rejected + Counter({"not there": wanted.total - wanted.done})
    return ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(3))


def _may_derive(llm: Mapping[str, Any]) -> bool:
    """Whether its texts may hold real ones, whatever their prompt shows; any member's make a union's."""
    # Nobody knows what a user's file holds, or what the prompts showed that its replies answer.
    if llm.get("path") or llm.get("kind") in RECOMBINING:
        return True
    members = llm.get("members") or {}
    return any(_may_derive(member) for member in members.values() if isinstance(member, Mapping))


def open_judge(config: TrainingDataConfig, labels: LabelSet, progress: Progress) -> LabelChecker:
    """The judge of a configuration; `progress` sees what it is asked."""
    return Judge(config, labels, progress)


def messages_of(text: str, labels: LabelSet, config: CurationConfig) -> tuple[Message, ...]:
    """The chat that asks about a text; it does not say which labels the text has.

    Raises:
        ConfigError: a template does not parse, or names another field than text, text_kind and criteria.
    """
    criteria = [criterion.id if str(criterion) == criterion.id else _format(criterion) for criterion in labels.criteria]
    values = {"text": " ".join(text.split()), "text_kind": labels.text_kind, "criteria": criteria}
    asked = rendered("curation.judge_template", config.judge_template, values)
    message = rendered("curation.judge_system", config.judge_system, values)
    return (*([Message("system", message)] if message else []), Message("user", asked))


def answer_of(reading: ReplyParser, completion: Completion) -> frozenset[str] | Rejected:
    """The criteria that an answer names, or why it is of no use."""
    if completion.answered_as and not reading.answered_rightly(completion):
        return Rejected("another LLM answered", completion.answered_as)
    if completion.finish in {"refusal", "content_filter"}:
        return Rejected("refusal", completion.text)
    return read_answer(completion.text, reading.label_ids)


def read_answer(reply: str, label_ids: Sequence[str]) -> frozenset[str] | Rejected:
    """Reads `{"labels": [ids]}`, fenced or among words: the last such object, since an LLM may think aloud before it."""
    found = [value["labels"] for value in _objects(reply) if isinstance(value.get("labels"), list)]
    if not found:
        return Rejected("no answer", reply)
    named = [label.strip() if isinstance(label, str) else json.dumps(label) for label in found[-1]]
    unknown = sorted(set(named) - set(label_ids))
    return Rejected(f"unknown label: {unknown[0]}", reply) if unknown else frozenset(named)


def verdict_of(answers: Sequence[frozenset[str]], own: frozenset[str]) -> Verdict | None:
    """The labels that more than half of the answers name, and the share of answers that name all of the text's own ones.

    With a text without labels agrees an answer that names none. None without any answer.
    """
    if not answers:
        return None
    named = [label for answer in answers for label in answer]
    labels = frozenset(label for label in named if 2 * named.count(label) > len(answers))
    agreeing = sum(own <= answer if own else not answer for answer in answers)
    return Verdict(labels, agreeing / len(answers))


def _objects(reply: str) -> Iterator[Mapping[str, Any]]:
    decoder, start = json.JSONDecoder(), reply.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(reply, start)
            yield value
        except (ValueError, RecursionError):
            end = start + 1
        start = reply.find("{", end)


def _format(criterion: Criterion) -> str:
    return f"{criterion.id} {criterion}"


async def _filled(job: GenerationJob, progress: Progress) -> FillStats:
    endpoint = OpenAiCompleter(job.config.llm, timeout_s=job.config.generate.timeout_s)
    parts = (job.wanted, job.replies.address, job.store, endpoint, job.price, job.budget, job.config.generate, progress)
    try:
        filling = AsyncFiller(*parts)
        await filling.run()
        return filling.filled
    finally:
        await endpoint.close()


@contextmanager
def _named_as_judge() -> Iterator[None]:
    """What asks for texts names its keys llm.KEY; the judge's are judge.KEY."""
    try:
        yield
    except SynthsweepError as error:
        message = re.sub(r"\bllm(?=\.[a-z])", "judge", re.sub(r"(?<![\w@])llm=", "llm@judge=", str(error)))
        raise type(error)(message) from error
