"""The lengths of a study's real texts in tokens, before it begins; nothing is fetched for it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import ModelConfig
from synthsweep.corpus.corpus import Corpus
from synthsweep.errors import ModelError
from synthsweep.run.lengths import lengths_of
from synthsweep.train.cache import TrainingCache
from synthsweep.train.lengths import TextLengths

if TYPE_CHECKING:
    from synthsweep.train.encoder.reader import TextReader


@dataclass
class StudyLengths:
    """Looks at one configuration after the other; texts are tokenised once per tokenizer and limit.

    `unknown` names encoders that are not on this machine. Synthetic texts count in each run alone: some are not written yet.
    """

    cache: TrainingCache = field(default_factory=TrainingCache)
    unknown: dict[str, None] = field(default_factory=dict)
    found: dict[str, TextLengths] = field(default_factory=dict)
    _readers: dict[str, "TextReader | None"] = field(default_factory=dict)

    def look_at(self, config: RunConfig, corpus: Corpus) -> TextLengths | None:
        """The lengths of the texts of a run; None where its encoder is not on this machine, or where it has none.

        Raises:
            ModelError: the encoder does not read training.max_length tokens.
        """
        if not config.model.trains_steps:
            return None
        training = config.training
        key = repr((config.labels, config.data, config.seeds.subset, config.model, training.max_length, training.windows))
        if key not in self.found and (reader := self._reader(config.model)) is not None:
            self.found[key] = lengths_of(corpus.split.parts, training, reader, self.cache)
        return self.found.get(key)

    def _reader(self, config: ModelConfig) -> "TextReader | None":
        from synthsweep.train.encoder.reader import load_reader

        key = repr(config)
        if key not in self._readers:
            try:
                self._readers[key] = load_reader(config, self.cache)
            except ModelError:
                # The runs say what is wrong with it, or fetch it.
                self._readers[key] = None
                self.unknown[config.name_or_path] = None
        return self._readers[key]

    @property
    def cut(self) -> bool:
        return any(one.lost_share for one in self.found.values())

    def sentences(self) -> list[str]:
        """What is cut off where most is, what windows read where they are most, and which encoders are not here."""
        cut = [one for one in self.found.values() if one.lost_share]
        read = [one for one in self.found.values() if not one.lost_share and one.sentence()]
        worst = [max(cut, key=lambda one: one.lost_share)] if cut else []
        most = [max(read, key=lambda one: one.windows_per_text)] if read else []
        several = " (most of all settings)" if len(self.found) > 1 else ""
        return [
            *(f"{one.sentence()}{several}" for one in (*worst, *most)),
            *(f"how many tokens texts have is not known before {name} is on this machine" for name in self.unknown),
        ]
