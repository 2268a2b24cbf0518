"""Says which prompts are asked again though a server once refused them as too long."""

import logging
from collections import Counter
from typing import TYPE_CHECKING

from synthsweep.generate.replies.store_completer import refuser_of

if TYPE_CHECKING:
    from synthsweep.generate.llm.job import LlmJob

log = logging.getLogger(__name__)


def say_passed_over(job: "LlmJob") -> None:
    """One line for each endpoint that refused some; nothing where none was."""
    replies, asked = job.replies, {(request.digest, request.sample) for request in job.requests}
    refused = [reply for place, reply in replies.passed_over.items() if place in asked]
    for endpoint, count in Counter(map(refuser_of, refused)).items():
        last = max(reply.answered_at for reply in refused if refuser_of(reply) == endpoint)[:10]
        log.warning(
            "%s: %d prompt%s that %s refused as too long (%s) %s asked again, of %s",
            job.llm.choice, count, "s" * (count != 1), endpoint or "a server", last, "is" if count == 1 else "are",
            job.llm.base_url,
        )  # fmt: skip
