"""Small audits for tests: seven criteria, two LLMs with one prompt, a few controls if wanted."""

from itertools import cycle, islice, product

from synthsweep.audit.items import PLANTED, REAL, SAMPLE, Audit, Item, Stratum
from synthsweep.audit.stats.shares import half_width, smallest_fitting
from synthsweep.examples import Criterion, LabelSet, digest_of

LABELS = LabelSet(
    "small",
    (
        Criterion("A1", "Social-emotional reciprocity", "Talk does not go back and forth, interests are not shared."),
        Criterion("A2", "Nonverbal communication", "Eye contact, gestures or facial expressions are few, or odd."),
        Criterion("A3", "Relationships", "Making friends, keeping them or playing together is hard."),
        Criterion("B1", "Stereotyped or repetitive", "Movements, words or play are repeated over and over."),
        Criterion("B2", "Sameness and routines", "Changes upset the child, or routines are held on to."),
        Criterion("B3", "Restricted interests", "An interest is unusually narrow or strong."),
        Criterion("B4", "Sensory reactivity", "Sounds, lights, touch or pain are felt too much or too little."),
    ),
    "a short note from a child's record",
)
LLMS, PROMPT = ("llm-one", "llm-two"), "plain-prompt"


def small(n: int = 14, *, real: int = 0, planted: int = 0, labels: LabelSet = LABELS, name: str = "small") -> Audit:
    """`n` texts of two LLMs with one prompt, each labelled with the criterion that it is asked for; then the controls.

    A real text carries the criterion, a planted one another one than that it is asked for.
    """
    strata = [Stratum(llm, PROMPT, label) for label, llm in product(labels.ids, LLMS)]
    sample = [item(number, stratum, labels) for number, stratum in enumerate(islice(cycle(strata), n))]
    controls = [
        item(number, Stratum("", "", labels.ids[number % len(labels.ids)]), labels, kind)
        for number, kind in enumerate([REAL] * real + [PLANTED] * planted, start=n)
    ]
    return Audit(name, labels, (*sample, *controls), dict.fromkeys(strata, 20))


def item(number: int, stratum: Stratum, labels: LabelSet = LABELS, kind: str = SAMPLE) -> Item:
    """The text number `number` of a stratum."""
    ids = labels.ids
    carried = ids[(ids.index(stratum.criterion) + 1) % len(ids)] if kind == PLANTED else stratum.criterion
    text = f"Sentence number {number}: the child was seen doing this more than once."
    ident = digest_of([number, text])[:10]
    return Item(ident, text, stratum.criterion, kind, f"example-{number}", frozenset({carried}), stratum.llm, stratum.prompt)


def texts_for(wanted: float, share: float = 0.5) -> int:
    """The fewest texts, drawn at one rate, whose interval has a half width of at most `wanted`."""
    return smallest_fitting(lambda texts: half_width(share, texts) <= wanted, 10_000_000)
