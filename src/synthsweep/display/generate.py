"""What the terminal shows of a filled pool: its size, its cost, and some of its texts."""

from synthsweep.display.word_table import WordTable
from synthsweep.examples import Example
from synthsweep.generate.budget import format_spending
from synthsweep.generate.completer import PROMPT_TOO_LONG, Completion, CompletionRequest
from synthsweep.generate.llm.filler import FillStats
from synthsweep.generate.llm.prices import dollars
from synthsweep.generate.pool_job import GenerationJob

# What gets another reply to a request whose reply was rejected.
ASKED_AGAIN = {
    "truncated": "a larger llm.max_output_tokens asks for cut replies again",
    PROMPT_TOO_LONG: "generate.retry_too_long=true asks again what was too long, once the server has a larger context",
}


def summary(job: GenerationJob, stats: FillStats) -> list[str]:
    """The last lines of a job: how many texts the pool has, how many were rejected, the cost, and where they are kept."""
    missing, config = job.missing, job.config
    lines = [
        f"{missing.done:,} of {missing.total:,} texts of {config.llm.model} for prompt={config.prompt.variant}; "
        f"requests answered now: {stats.answered}, before: {max(0, missing.stored - stats.answered * bool(stats.batch))}"
    ]
    if missing.rejected:
        reasons = ", ".join(f"{reason} {count}" for reason, count in missing.rejected.most_common())
        again = "".join(f"; {way_out}" for kind, way_out in ASKED_AGAIN.items() if missing.rejected[kind])
        lines.append(f"Rejected: {reasons}{again}")
    if missing.short:
        short = ", ".join(f"{label} {count}" for label, count in missing.short.items())
        lines.append(f"Fewer than {missing.n} texts: {short}" + (f"; {stats.failed} requests failed" if stats.failed else ""))
    if not job.price.free:
        limit = f" of at most ${config.generate.max_usd:g}" if config.generate.max_usd is not None else ""
        lines.append(f"Spent now {dollars(stats.usd)}; on {job.budget.name} so far {format_spending(job.spending)}{limit}")
        lines += source_of_dollars(job, stats)
    elif stats.answered:
        uncounted = f"; the server counted none for {stats.uncounted} answers" if stats.uncounted else ""
        lines.append(f"{stats.prompt_tokens:,} + {stats.completion_tokens:,} tokens, free{uncounted}")
    repeated = f"; {missing.copies:,} of the {missing.usable:,} texts repeat another one" if missing.copies else ""
    lines.append(f"Kept in {job.store.path}{repeated}.")
    return lines


def source_of_dollars(job: GenerationJob, stats: FillStats) -> list[str]:
    """Where the dollars of a job's answers come from."""
    prices = "genai-prices" if job.price.listed is not None else f"{job.llm.section}.price_per_million"
    by_tokens = stats.answered - stats.stated - stats.uncounted
    parts = [
        f"{stats.stated} as the server states it ({dollars(stats.stated_usd)} in all; what their tokens cost by "
        f"{prices} counts where it is more)" if stats.stated else "",
        f"{by_tokens} by their tokens and {prices}" if by_tokens else "",
        f"{stats.uncounted} whose tokens the server did not count, at their most" if stats.uncounted else "",
    ]  # fmt: skip
    return [f"Answers priced: {'; '.join(filter(None, parts))}"] if stats.answered else []


def preview(job: GenerationJob, answers: list[tuple[CompletionRequest, Completion]]) -> list[str | WordTable]:
    """Rendered prompts, replies, and the examples read from them."""
    parts: list[str | WordTable] = []
    for request, completion in answers:
        parts.append(f"── {request.criterion}, sample {request.sample} ──")
        parts += [f"{message.role}: {message.content}" for message in request.messages]
        parts.append(f"reply ({completion.finish}): {completion.text}")
        table = WordTable("read as", "labels", "text")
        for piece in job.missing.parser.read(request, completion):
            if isinstance(piece, Example):
                table.add_row("example", ", ".join(sorted(piece.labels)) or "none", piece.text)
            else:
                table.add_row(f"rejected: {piece.reason}", "", piece.piece[:200])
        parts.append(table)
    return parts
