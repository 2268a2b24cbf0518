"""What audits of made-up texts found."""

import random
from collections.abc import Mapping, Sequence
from functools import cache

from synthsweep.audit.items import PLANTED, REAL, RIGHT, SAMPLE, UNSURE, WRONG, Answer, Audit, Item, Stratum
from synthsweep.audit.sample import draw_audit, strata_of
from synthsweep.audit.stats.findings import Findings, Judged, compute_findings
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.examples import Criterion, Example, LabelSet, Provenance, text_key

CRITERIA = LabelSet(
    "asd",
    (
        Criterion("A1", "Social-emotional reciprocity", "lack of give and take"),
        Criterion("A2", "Nonverbal communication", "few gestures"),
        Criterion("A3", "", "few friendships"),
        Criterion("B1", "Stereotyped movements", "flapping"),
        Criterion("B2", "Insistence on sameness", "rituals"),
    ),
)
LLMS, PROMPTS = ("meta/llama-3.1:8b", "recorded"), ("plain", "attributed")
# How often what an LLM writes shows what it was asked for.
SHOWN = {LLMS[0]: 0.7, LLMS[1]: 0.97}
SECRET, SECRET_NOTE = "He lined up every car", "Too much like a textbook"


@cache
def full(raters: Sequence[str] = ("Anna", "Ben")) -> Findings:
    """140 texts of two LLMs, two prompts and five criteria, with ten controls of either kind, and a judge of every text."""
    pool = _pool(30)
    real = [Example(f"c{i}", f"A real sentence, number {i}.", frozenset({CRITERIA.ids[i % 5]})) for i in range(20)]
    audit = draw_audit(pool, real, CRITERIA, AuditSettings(n=140, real=10, planted=10), seed=1)
    answers = [answer for rater in raters for answer in _answers(audit, rater)]
    return compute_findings(audit, answers, _judged(pool) if raters else None)


def empty() -> Findings:
    """Nobody has answered."""
    return full(())


def _pool(each: int) -> list[Example]:
    cells = [(llm, prompt, label) for llm in LLMS for prompt in PROMPTS for label in CRITERIA.ids]
    return [
        Example(
            f"{llm}/{prompt}/{label}/{i}", f"{SECRET} along the rug: {llm} {prompt}, {i} of {label}.", frozenset({label}), None,
            Provenance("synthetic", llm, prompt, label),
        )
        for llm, prompt, label in cells
        for i in range(each)
    ]  # fmt: skip


def _draw(*place: object) -> float:
    return random.Random("/".join(map(str, place))).random()


def _true(example: str, llm: str, label: str, labels: frozenset[str]) -> bool:
    """Whether a text shows a criterion; real ones show their labels, and no text what was planted."""
    return label in labels and _draw(example) < SHOWN.get(llm, 1.0)


def _answers(audit: Audit, rater: str) -> list[Answer]:
    return [_answer(item, rater) for item in audit.items if _draw("there", item.id, rater) < 0.97]


def _answer(item: Item, rater: str) -> Answer:
    right = _true(item.example, item.llm, item.criterion, item.labels) != (_draw("slip", item.id, rater) < 0.06)
    verdict = UNSURE if _draw("sure", item.id, rater) < 0.05 else RIGHT if right else WRONG
    others = sorted(set(CRITERIA.ids) - {item.criterion} - item.labels)
    shows = frozenset(others[:1]) if _draw("shows", item.id) < 0.12 else frozenset()
    return Answer(item.id, rater, verdict, shows, SECRET_NOTE if _draw("note", item.id, rater) < 0.05 else "")


def _judged(pool: Sequence[Example]) -> Judged:
    verdicts = {
        stratum: {
            text_key(text.text): _true(text.id, stratum.llm, stratum.criterion, text.labels) != (_draw("judge", text.id) < 0.08)
            for text in texts
        }
        for stratum, texts in strata_of(pool, CRITERIA).items()
    }
    return Judged("judge-llm", verdicts)


Counts = Mapping[tuple[str, str, str], tuple[int, int]]


def counts(
    of: Counts, *, size: int = 100, unread: int = 0, answers: Sequence[Answer] = (), labels: LabelSet = CRITERIA
) -> Findings:
    """So many right and wrong texts of each LLM, prompt and criterion, judged by Anna, and as many more that nobody read."""
    items: list[Item] = []
    given = list(answers)
    for stratum, (right, wrong) in of.items():
        for place in range(right + wrong + unread):
            name = f"{'/'.join(stratum)}/{place}"
            llm, prompt, label = stratum
            items.append(Item(name, f"text {name}", label, SAMPLE, name, frozenset({label}), llm, prompt))
            if place < right + wrong:
                given.append(Answer(name, "Anna", RIGHT if place < right else WRONG))
    audit = Audit("small", CRITERIA, tuple(items), {Stratum(*stratum): size for stratum in of})
    return compute_findings(audit, given)


def of_items(items: Sequence[Item], answers: Sequence[Answer]) -> Findings:
    """Of these items, beside a stratum of a hundred texts."""
    sizes = {item.stratum: 100 for item in items if item.kind == SAMPLE} or {Stratum("x", "plain", "A1"): 100}
    return compute_findings(Audit("small", CRITERIA, tuple(items), sizes), answers)


def item(ident: str, label: str = "A1", *, kind: str = SAMPLE, labels: Sequence[str] = ("A1",)) -> Item:
    """An item of one LLM and prompt."""
    return Item(ident, f"text of {ident}", label, kind, f"example of {ident}", frozenset(labels), "x", "plain")


def one(right: int, wrong: int, **others: object) -> Findings:
    """Of one LLM, prompt and criterion."""
    return counts({("x", "plain", "A1"): (right, wrong)}, **others)


def many() -> Findings:
    """Names that are long or hold signs, cells without a text or a verdict, and every kind of doubt."""
    long, cost = "an-organisation/a-model-with-a-long-name-70b-instruct:latest@q4", "$5 and $6 <b>"
    items = [
        Item(f"{place}", f"text {place}\nsecond line", label, SAMPLE, f"e{place}", frozenset(labels), llm, "plain")
        for place, (llm, label, labels) in enumerate([
            (long, "A1", ["A1"]), (long, "A1", ["A1"]), (long, "A2", []), (cost, "A1", ["A1"]), (cost, "B1", ["B1"]),
        ])
    ]  # fmt: skip
    items += [item("p", "A2", kind=PLANTED), item("r", kind=REAL)]
    answers = [
        Answer("0", "Anna", RIGHT, frozenset({"A2", "B2"})), Answer("1", "Anna", RIGHT), Answer("1", "Ben", WRONG),
        Answer("2", "Anna", RIGHT), Answer("3", "Anna", UNSURE, note="which child?"), Answer("p", "Anna", RIGHT),
        Answer("r", "Anna", WRONG),
    ]  # fmt: skip
    return of_items(items, answers)
