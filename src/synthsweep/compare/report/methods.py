"""The methods of a comparison as a paragraph to cite; what no run kept is "not recorded"; pure."""

from collections.abc import Mapping, Sequence

from synthsweep.compare.report.names import title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.setup import StudySetup
from synthsweep.pages.numbers import counted, percent_of

UNKNOWN = "not recorded"
WHAT_SEEDS_SET = {
    "seeds.subset": "the draw of real training texts",
    "seeds.draw": "the draw of synthetic texts",
    "seeds.init": "the initial weights",
    "seeds.order": "the order of batches",
}
HOW_TEXTS_RELATE = {
    "shared": "All seeds share one test set: texts cross seeds, as cases cross readers (Obuchowski and Rockette 1995); "
    "the part of the texts is a jackknife's, and that of the seeds is moderated over criteria (Smyth 2004).",
    "disjoint": "Each seed has test texts of its own, so texts are nested in seeds.",
    "overlapping": "The test texts of the seeds overlap, so the variance between seeds is raised (Nadeau and Bengio 2003).",
}


def setup_line(answer: Comparison) -> str:
    """Corpus, encoder, LLM, prompts, sizes and seeds on one line."""
    setup = answer.setup
    if not (setup.encoders or setup.baselines):
        return f"corpus, encoder, LLM and prompt {UNKNOWN} · test {answer.test_texts:,} · seeds {len(answer.blocks)}"
    parts = {
        "corpus": _joined(setup.corpora),
        "classifier" if setup.baselines else "encoder": _joined(_names((*setup.encoders, *setup.baselines))),
        "LLM": _joined(setup.llms),
        "prompt": _joined(setup.prompts),
        "texts": f"{_span(setup.real)} real, {_span(setup.synthetic)} added",
        "dev": _span(setup.dev),
        "test": f"{answer.test_texts:,}",
        "seeds": str(len(answer.blocks)),
    }
    return " · ".join(f"{name} {text}" for name, text in parts.items())


def _names(classifiers: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.partition(" (")[0] for one in classifiers)


def methods(answer: Comparison) -> tuple[str, ...]:
    """One paragraph each: the classifier and its texts, the split, the synthetic texts, the statistics, the software."""
    if not (answer.setup.encoders or answer.setup.baselines):
        unknown = f"The runs kept no configuration: corpus, encoder, training, LLM and prompt are {UNKNOWN}."
        return (unknown, _statistics(answer), _software(answer))
    split = _split(answer.setup)
    return (_classifier(answer), *([split] if split else []), _synthetic_texts(answer), _statistics(answer), _software(answer))


def _classifier(answer: Comparison) -> str:
    setup = answer.setup
    groups = f" of {counted(answer.test_groups, 'group')}" if answer.grouped else ""
    texts = (
        f"to predict {_outputs(answer)} on {_span(setup.real)} real texts of the corpus {_joined(setup.corpora)} "
        f"(dev: {_span(setup.dev)} texts, test: {answer.test_texts:,}{groups})"
    )
    if not setup.encoders:
        return f"{_joined(setup.baselines)} learnt {texts}. {_decisions(answer)}"
    beside = f" On the same texts: {_joined(setup.baselines)}." if setup.baselines else ""
    encoder = f"The encoder {_joined(setup.encoders)} was fine-tuned {texts}, {_fine_tuning(setup.training)}."
    return f"{encoder}{beside} {_decisions(answer)}"


def _fine_tuning(training: Mapping[str, Sequence[str]]) -> str:
    """How an encoder was trained."""
    selected = _joined(training.get("select_by", ()))
    dev = " or ".join("dev" if count == "0" else f"{count} texts of dev" for count in training.get("dev_texts", ("0",)))
    best = f"; the best state on {dev} by {title(selected)} was kept" if selected != UNKNOWN else ""
    return (
        f"for {_value(training, 'epochs')} epochs by AdamW with a learning rate of "
        f"{_value(training, 'learning_rate')}{_schedule(training)}, batches of "
        f"{_value(training, 'batch_size')} texts and at most "
        f"{_value(training, 'max_length')} tokens per {_read(training.get('windows', ()))}"
        f"{_steps(training.get('match_steps', ()))}{best}"
    )


def _schedule(training: Mapping[str, Sequence[str]]) -> str:
    """How the learning rate ran, and the weight decay; runs of an earlier version's report said nothing of it."""
    if not training.get("scheduler"):
        return ""
    warmup = " or ".join(percent_of(float(share)) for share in training.get("warmup_ratio", ())) or UNKNOWN
    course = f"warmup over {warmup} of the steps, then {_value(training, 'scheduler')}"
    return f" ({course}; weight decay {_value(training, 'weight_decay')})"


def _read(windows: Sequence[str]) -> str:
    words = {"none": "text", "mean": "window, whose logits were averaged", "max": "window, of whose logits the highest counted"}
    texts = " or ".join(words[one] for one in windows if one in words) or words["none"]
    return texts if set(windows) <= {"none"} else f"{texts} (longer texts were read in windows that overlap by half)"


def _outputs(answer: Comparison) -> str:
    if answer.kind == "single":
        return f"one of {len(answer.labels)} classes per text, by softmax,"
    return counted(len(answer.labels), "label")


def _decisions(answer: Comparison) -> str:
    """How a probability became a prediction."""
    if answer.kind == "single":
        return "The most probable class is the predicted one."
    return f"A text counts as positive from a threshold on: {'; or '.join(answer.setup.thresholds) or UNKNOWN}."


def _steps(match_steps: Sequence[str]) -> str:
    words = {"True": ", all arms for as many steps as the baseline", "False": ", so that arms with more texts took more steps"}
    return words.get(_joined(match_steps), "")


def _split(setup: StudySetup) -> str:
    """How texts came into their part, and what the seeds of the runs set; empty for runs that kept neither."""
    by_levels: dict[Sequence[str], list[str]] = {}
    for key, levels in setup.seeds.items():
        by_levels.setdefault(levels, []).append(WHAT_SEEDS_SET[key])
    set_by = [f"{_seeds(levels)} {', '.join(what)}" for levels, what in by_levels.items()]
    drawn = f"Runs differ by seed: {'; '.join(set_by)}." if any(len(levels) > 1 for levels in by_levels) else ""
    return " ".join(part for part in (*setup.splits, drawn) if part)


def _seeds(levels: Sequence[str]) -> str:
    """`seeds 1 to 6 set`, `seeds 1, 5, 9 set`, `seed 1 sets`."""
    numbers = [int(level) for level in levels]
    if len(numbers) == 1:
        return f"seed {levels[0]} sets"
    together = len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"seeds {f'{numbers[0]} to {numbers[-1]}' if together else ', '.join(levels)} set"


def _synthetic_texts(answer: Comparison) -> str:
    setup = answer.setup
    return (
        f"Arms added {_span(setup.synthetic)} texts. Synthetic texts were written by {_joined(setup.llms)}; prompt: "
        f"{_joined(setup.prompts)}."
    )


def _statistics(answer: Comparison) -> str:
    family = sum(one.p_family is not None for one in answer.effects)
    stated = "the objective of the study, fixed before it ran" if answer.primary_stated else "not stated before the study"
    cells = sum(answer.undecided.values())
    left = f" {cells:,} labels of test texts on which nobody decided are left out of every score." if cells else ""
    tested = f" p values of the {family} comparisons of criteria are adjusted by Holm{_over_arms(answer)}." if family else ""
    return (
        f"Each arm was trained with {counted(len(answer.blocks), 'seed')} and compared with {answer.baseline} by the mean "
        f"paired difference on test; the primary metric is {title(answer.primary)}, {stated}. "
        f"{interval_in_words(answer)}{tested}{_equivalence(answer)}{left}"
    )


def _equivalence(answer: Comparison) -> str:
    if not answer.equivalence:
        return ""
    size = f"{100 * answer.equivalence:.6g}"
    return f" Two one-sided tests at 5 % (Schuirmann 1987) decided whether changes beyond {size} points are excluded."


def _over_arms(answer: Comparison) -> str:
    arms = len({one.contrast for one in answer.effects if one.p_arms is not None})
    return f", those of an average over its {arms} arms" if arms > 1 else ""


def interval_in_words(answer: Comparison) -> str:
    """What an interval is about, and how it is computed."""
    units = "groups of texts" if answer.grouped else "texts"
    return (
        f"95 % intervals are for new texts and new seeds: the variance from test {units} "
        f"and the variance between seeds, each with the t quantile of its own degrees of freedom; they end where scores do. "
        f"{HOW_TEXTS_RELATE.get(answer.texts, '')}"
    ).rstrip()


def _software(answer: Comparison) -> str:
    versions = answer.provenance.versions
    wanted = [f"{name} {versions[name]}" for name in ("synthsweep", "torch", "transformers", "python") if name in versions]
    return f"Software: {', '.join(wanted) or UNKNOWN}; commit {', '.join(answer.provenance.commits) or UNKNOWN}."


def _joined(values: Sequence[str]) -> str:
    return ", ".join(values) if values else UNKNOWN


def _value(training: Mapping[str, Sequence[str]], key: str) -> str:
    return " or ".join(training.get(key, ())) or UNKNOWN


def _span(ends: Sequence[int]) -> str:
    return " to ".join(f"{end:,}" for end in ends) if ends else UNKNOWN
