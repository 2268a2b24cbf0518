"""Opens the completer that a configuration names."""

from collections.abc import Sequence
from pathlib import Path

from synthsweep.completer import Completer
from synthsweep.config.schema import LlmConfig, PromptConfig
from synthsweep.errors import PoolError
from synthsweep.examples import Example, LabelSet
from synthsweep.generate.recorded import Recording, read_recording, read_shipped
from synthsweep.generate.simulator import Simulator


def open_completer(llm: LlmConfig, prompt: PromptConfig, labels: LabelSet, train: Sequence[Example]) -> Completer:
    """`train` are real training texts, which the simulator alone reads.

    Raises:
        PoolError: the recording is not there, or not for these labels.
    """
    if llm.kind == "simulator":
        return Simulator(labels, train, llm.simulator, llm.model or "simulator")
    if llm.path:
        recording = read_recording(Path(llm.path).expanduser(), labels.ids)
    else:
        recording = read_shipped(prompt.variant)
        unknown = sorted(set(labels.ids) - set(recording.replies))
        if unknown:
            raise PoolError(
                f"llm=recorded has replies for {', '.join(recording.replies)}, none for {', '.join(unknown)}: "
                "give your own with llm.path=FILE, or take llm=simulator or mix=real_only"
            )
    return Recording(llm.model or recording.name, recording.replies)
