"""What a study with `replicates=auto` kept of its looks, as sentences of a report."""

from collections.abc import Iterator, Sequence

from synthsweep.compare.read.runs import StudyHead
from synthsweep.study.results.looks import FILE, read_looks, statement
from synthsweep.track.reader import RunReader


def looks_of(reader: RunReader, heads: Sequence[StudyHead]) -> tuple[str, ...]:
    """The rule of each study that has one, its looks, why it stopped, and which error it has."""
    return tuple(line for head in heads if head.until for line in _of_study(reader, head))


def _of_study(reader: RunReader, head: StudyHead) -> Iterator[str]:
    path = reader.file_of(head.run_id, FILE)
    if path is None:
        yield f"{head.name} gets seeds until {head.until}, and no look at them is kept yet: the study's command goes on"
        return
    try:
        yield from statement(*read_looks(path))
    except ValueError as error:
        yield f"{head.name} gets seeds until {head.until}, but its file {FILE} cannot be read ({error})"
