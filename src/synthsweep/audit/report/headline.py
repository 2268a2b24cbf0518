"""The headline of an audit: sentences, none of which claims more than its interval; pure."""

from collections.abc import Iterator

from synthsweep.audit.items import PLANTED
from synthsweep.audit.report.parts import margins, parts_of, within
from synthsweep.audit.stats.findings import Control, Findings, Part
from synthsweep.audit.stats.prediction_powered import FEWEST, PredictionPowered
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.numbers import counted, number, percent

# A rater who notices a smaller share of the planted labels may not have read the texts.
CAREFUL = 0.8
# Krippendorff (2004): below this, not even tentative conclusions.
TENTATIVE = 0.667
GROUPS = {"llm": "LLM", "prompt": "prompt", "criterion": "criterion", "cell": "cell"}


def headline(findings: Findings) -> tuple[str, ...]:
    """How many labels are right, what differs, and how reliable the answers are."""
    if not findings.answers:
        items, pool = counted(len(findings.audit.items), "item"), counted(findings.whole.pool, "text")
        return (f"Nobody has answered yet: {items} wait for a verdict, from pools of {pool}.",)
    return (
        *_whole(findings),
        *_unfinished(findings),
        *_powered(findings),
        *_differences(findings),
        *_omission(findings.whole.omission),
        *_agreement(findings),
        *_controls(findings),
        *_unsure(findings),
    )


def _whole(findings: Findings) -> Iterator[str]:
    whole, raters = findings.whole, counted(len(findings.progress), "rater")
    share = whole.correctness
    if share.value is None:
        answers = counted(len(findings.answers), "answer")
        yield (
            f"No text of the sample has a verdict yet, after {answers} of {raters}: nobody was sure, raters disagree, "
            "or it is still to be read."
        )
        return
    # The pools' pairs are estimated from the few that were judged: both numbers are said, and which is which.
    right = f"An estimated {percent(share.value)} of {counted(whole.pool, 'example-label pair')} are right {within(share)}"
    read = f"{share.texts:,} of the {whole.sampled:,} drawn ({whole.open:,} open)" if whole.open else f"{share.texts:,} of them"
    yield f"{right}: {raters} judged {read}.{_uncovered(share)}"


def _uncovered(share: Share) -> str:
    if share.uncovered <= 0:
        return ""
    return f" {percent(share.uncovered)} of the pairs are in cells without a verdict: the share is that of the others."


def _unfinished(findings: Findings) -> Iterator[str]:
    items = len(findings.audit.items)
    left = [(one.rater, items - one.answered) for one in findings.progress if one.answered < items]
    if left:
        counts = [f"{rater}{'' if place else ' left'} {count:,}" for place, (rater, count) in enumerate(left)]
        yield f"{_joined(counts, 'and')} of {counted(items, 'item')} unanswered."


def _powered(findings: Findings) -> Iterator[str]:
    powered, share = findings.whole.powered, findings.whole.correctness
    if not findings.judge or share.value is None:
        return
    if powered is None:
        few = f"{findings.judge} and the raters have read fewer than {FEWEST} texts in common"
        yield f"{few}: its verdicts cannot be joined yet."
        return
    yield (
        f"Joined with {findings.judge}, which read {counted(powered.pool, 'text')} and calls {percent(powered.judge)} right: "
        f"{percent(powered.value)} are right{_narrower(powered, share)}."
    )


def _narrower(powered: PredictionPowered, share: Share) -> str:
    if share.low is None or share.high is None:
        return f" {within(powered)}"
    change = 1 - (powered.high - powered.low) / (share.high - share.low)
    way = "as wide" if abs(change) < 0.005 else f"{percent(abs(change), 0)} {'narrower' if change > 0 else 'wider'}"
    return f" {within(powered)}, an interval {way}"


def _differences(findings: Findings) -> Iterator[str]:
    """The two parts that differ most, by LLM, prompt and criterion; cells only if none of these differ."""
    divisions = {group: _defined(parts) for group, parts in margins(findings).items()}
    divisions = {group: parts for group, parts in divisions.items() if len(parts) > 1}
    if not divisions:
        return
    sentences = [sentence for group, parts in divisions.items() for sentence in _widest_difference(group, parts)]
    if not sentences:
        sentences = list(_widest_difference("cell", _defined(parts_of(findings, "cell"))))
        names = _joined([GROUPS[group] for group in divisions], "or")
        yield f"No {names} is distinguishable from another."
    yield from sentences


def _defined(parts: tuple[Part, ...]) -> list[Part]:
    return [part for part in parts if part.correctness.value is not None]


def _widest_difference(group: str, parts: list[Part]) -> Iterator[str]:
    if len(parts) < 2:
        return
    better = max(parts, key=lambda part: (part.correctness.low or 0.0, part.correctness.value or 0.0))
    worse = min(parts, key=lambda part: (part.correctness.high or 0.0, part.correctness.value or 0.0))
    if (better.correctness.low or 0.0) <= (worse.correctness.high or 0.0):
        return
    choice = f" (the two farthest apart of {len(parts)}; no interval allows for that choice)" if len(parts) > 2 else ""
    shares = [f"{percent(part.correctness.value)} {within(part.correctness)}" for part in (better, worse)]
    name = GROUPS[group][0].upper() + GROUPS[group][1:]
    yield f"{name} {better.name} is right more often than {worse.name}: {shares[0]} against {shares[1]}{choice}."


def _joined(words: list[str], word: str) -> str:
    return f" {word} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _omission(share: Share) -> Iterator[str]:
    if share.value is not None:
        yield f"{percent(share.value)} of the texts show a criterion that their labels leave out {within(share)}."


def _agreement(findings: Findings) -> Iterator[str]:
    if not findings.agreement:
        return
    whole, raters = findings.agreement[0], counted(len(findings.progress), "rater")
    items = counted(whole.items, "item")
    if not whole.items:
        yield f"How far {raters} agree is not known: no item has two verdicts."
    elif whole.alpha is None:
        yield f"{raters} gave the same verdict on all of {items}: agreement beyond chance is undefined."
    else:
        scale = "1 is full agreement, 0 what chance would give"
        few = (
            " Too little to draw conclusions from: settle the texts to read again together." if whole.alpha < TENTATIVE else ""
        )
        yield f"Agreement of {raters}: Krippendorff's alpha {number(whole.alpha)} on {items} ({scale}).{few}"


def _controls(findings: Findings) -> Iterator[str]:
    for control in findings.controls:
        planted = control.kind == PLANTED
        noun = "planted wrong label" if planted else "real text"
        sentence = _passed(control, noun, "called wrong" if planted else "called right for a label of their own")
        share = control.passed.value
        if share is not None and share < CAREFUL and planted:
            sentence += " Verdicts may be careless, or these texts do show what was planted: the report has them."
        elif share is not None and share < 1 and not planted:
            sentence += " Where they were not, raters are stricter than the real labels, or these are wrong."
        yield sentence


def _passed(control: Control, noun: str, how: str) -> str:
    share, waiting = control.passed, control.items - control.passed.texts
    if share.value is None:
        return f"No {noun} among the controls has a verdict yet, of {control.items}."
    was = "was" if control.items == 1 else "were"
    rest = f"; {waiting} {'has' if waiting == 1 else 'have'} no verdict" if waiting else ""
    return f"{round(share.value * share.texts)} of {counted(share.texts, noun)} {was} {how} {within(share)}{rest}."


def _unsure(findings: Findings) -> Iterator[str]:
    unsure, answered = (sum(getattr(one, name) for one in findings.progress) for name in ("unsure", "answered"))
    if unsure:
        yield f"Raters were unsure in {unsure:,} of {counted(answered, 'answer')} ({percent(unsure / answered)})."
    else:
        yield f"Nobody was unsure in any of {counted(answered, 'answer')}."
