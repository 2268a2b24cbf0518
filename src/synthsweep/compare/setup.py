"""What the runs of a comparison used, in words, for whoever cites it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RANDOM_WEIGHTS = "random initial weights"


@dataclass(frozen=True)
class StudySetup:
    """Each field lists what the runs used, every value once; an empty field was not recorded.

    `baselines` are the classifiers that are no fine-tuned encoders. `prompt_texts` maps the name of a prompt to the text that
    an LLM got; `training` maps a key to its values. Sizes are the smallest and the largest number of texts of a run. `splits`
    and `thresholds` are sentences and parts of one; `seeds` maps a key of seeds to its values in the runs.
    """

    corpora: tuple[str, ...] = ()
    encoders: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()
    llms: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    prompt_texts: Mapping[str, str] = field(default_factory=dict)
    training: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    thresholds: tuple[str, ...] = ()
    real: tuple[int, ...] = ()
    synthetic: tuple[int, ...] = ()
    dev: tuple[int, ...] = ()
    splits: tuple[str, ...] = ()
    seeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
