"""How a configuration divides its real texts into train, dev and test, in words; pure."""

from collections.abc import Sequence

from synthsweep.config.keys.texts import DataConfig
from synthsweep.pages.numbers import percent_of


def split_in_words(configs: Sequence[DataConfig]) -> tuple[str, ...]:
    """A sentence per step: which parts were given, which were drawn and how, and how many texts of a part were taken.

    As `corpus.split` places groups: greedily, rarest labels first (Sechidis et al. 2011).
    """
    found = [step(config) for step in (_given, _drawn) for config in configs]
    return tuple(dict.fromkeys(sentence for sentence in (*found, _sizes(configs)) if sentence))


def _given(data: DataConfig) -> str:
    if data.kind == "hub":
        return "The parts are those of the data set; one that it lacks was split off its training texts."
    named = {"dev": data.files.dev, **data.files.test_sets}
    parts = [part for part, path in named.items() if path]
    return f"Train{''.join(f', {part}' for part in parts)} are files of their own." if parts else ""


def _drawn(data: DataConfig) -> str:
    """What was split off, unless files give both parts."""
    shares = {"dev": data.dev_share, "test": data.test_share}
    given = {"dev": bool(data.files.dev), "test": bool(data.files.test_sets)}
    left = {part: share for part, share in shares.items() if not given[part]}
    if not left:
        return ""
    unit = f"texts with the same {data.group} together" if data.group else "text by text"
    sizes = " and ".join(f"{percent_of(share)} to {part}" for part, share in left.items())
    off = "The split assigned" if data.kind != "hub" else "Such a split assigns"
    return f"{off} {sizes}, {unit} and stratified by label (Sechidis et al. 2011), by seed {data.split_seed}."


def _sizes(configs: Sequence[DataConfig]) -> str:
    """The draws within the parts; a study of learning curves has several of train."""
    parts = [("train", "train_size"), ("dev", "dev_size"), ("test", "test_size")]
    sizes = {part: sorted({getattr(config, key) for config in configs} - {0}) for part, key in parts}
    taken = [f"{' or '.join(f'{size:,}' for size in known)} texts of {part}" for part, known in sizes.items() if known]
    return f"At most {', '.join(taken)} were taken, drawn stratified by label." if taken else ""
