"""Stand-ins for texts that nobody has written yet: as many, with the labels, prompts and sources that they will have.

They show what a judge would be asked about them, and what that costs.
"""

from collections import Counter
from collections.abc import Iterator

from synthsweep.examples import Example, Provenance
from synthsweep.generate.llm.prices import BYTES_PER_TOKEN, TOKENS_PER_TEXT
from synthsweep.generate.pool_job import GenerationJob

# The bytes of a usual text.
USUAL_BYTES = int(BYTES_PER_TOKEN * TOKENS_PER_TEXT)
# Bytes of a long word, and of a long token, in texts that are as long as they may be.
LONG_WORD, LONG_TOKEN = 16, 8


def stand_ins(job: GenerationJob, mark: str = "") -> Iterator[Example]:
    """A text of usual length for each that the pool lacks, no two alike; `mark` distinguishes those of several pools."""
    lacking = Counter({label: job.missing.n - count for label, count in job.missing.short.items()})
    for request in job.requests:
        for line in range(min(request.n, lacking[request.criterion])):
            lacking[request.criterion] -= 1
            name = f"{mark}{request.digest[:24]}-{request.sample}-{line}"
            origin = Provenance(
                "synthetic", str(job.llm.model), request.variant, request.criterion, request.digest, request.sample, line,
                sources=request.sources,
            )  # fmt: skip
            labels = frozenset({request.criterion}) if request.labels is None else request.labels
            yield Example(name, name.ljust(USUAL_BYTES, "x"), labels, provenance=origin)


def longer_bytes(job: GenerationJob) -> int:
    """By how many bytes a text of the pool may be longer than its stand-in."""
    longest = LONG_TOKEN * job.llm.max_output_tokens
    if job.settings.max_words:
        longest = min(longest, LONG_WORD * job.settings.max_words)
    return max(0, longest - USUAL_BYTES)
