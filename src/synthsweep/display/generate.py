"""What a person sees of a pool that was filled: what came, what it cost, and texts of it."""

from rich.table import Table

from synthsweep.examples import Example
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.job import GenerationJob, format_spending
from synthsweep.generate.llm.pool_request import FillStats
from synthsweep.generate.llm.prices import dollars


def summary(job: GenerationJob, filled: FillStats) -> list[str]:
    """The last lines of a job: what is there, what was rejected, what it cost, what to do next."""
    wanted, config = job.wanted, job.config
    lines = [
        f"{wanted.done:,} of {wanted.total:,} texts of {config.llm.model} for prompt={config.prompt.variant}; "
        f"requests answered now: {filled.answered}, before: {max(0, wanted.stored - filled.answered * bool(filled.batch))}"
    ]
    if wanted.rejected:
        message = ", ".join(f"{reason} {count}" for reason, count in wanted.rejected.most_common())
        lines.append(f"Rejected: {message}")
    if wanted.short:
        short = ", ".join(f"{label} {count}" for label, count in wanted.short.items())
        lines.append(f"Fewer than {wanted.n} texts: {short}" + (f"; {filled.failed} requests failed" if filled.failed else ""))
    if not job.price.free:
        limit = f" of at most ${config.generate.max_usd:g}" if config.generate.max_usd is not None else ""
        lines.append(f"Spent now {dollars(filled.usd)}; on {job.budget.name} so far {format_spending(job)}{limit}")
    elif filled.answered:
        lines.append(f"{filled.prompt_tokens:,} + {filled.completion_tokens:,} tokens, free")
    lines.append(f"Kept in {job.store.path}.")
    return lines


def preview(job: GenerationJob, answers: list[tuple[CompletionRequest, Completion]]) -> list[str | Table]:
    """Rendered prompts, replies, and what was read out of them."""
    parts: list[str | Table] = []
    for request, completion in answers:
        parts.append(f"── {request.criterion}, sample {request.sample} ──")
        parts += [f"{message.role}: {message.content}" for message in request.messages]
        parts.append(f"reply ({completion.finish}): {completion.text}")
        table = Table("read as", "labels", "text", show_lines=False)
        for piece in job.wanted.reading.read(request, completion):
            if isinstance(piece, Example):
                table.add_row("example", ", ".join(sorted(piece.labels)) or "none", piece.text)
            else:
                table.add_row(f"rejected: {piece.reason}", "", piece.piece[:200])
        parts.append(table)
    return parts
