"""The first lines of an audit: plain sentences, each of which says no more than its interval; pure."""

from collections.abc import Iterator

from synthsweep.audit.items import PLANTED
from synthsweep.audit.report.numbers import margins, parts_of, percent, within
from synthsweep.audit.stats.findings import Control, Findings, Part
from synthsweep.audit.stats.prediction_powered import FEWEST, PredictionPowered
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.numbers import counted, number

# Whoever misses more planted labels than this may not have read the texts.
CAREFUL = 0.8
# Krippendorff (2004) rests not even tentative conclusions on less.
TENTATIVE = 0.667
GROUPS = {"llm": "LLM", "prompt": "prompt", "criterion": "criterion", "cell": "cell"}


def headline(found: Findings) -> tuple[str, ...]:
    """How right the labels are, what differs, and how far the answers can be trusted."""
    if not found.answers:
        items, pool = counted(len(found.audit.items), "item"), counted(found.whole.pool, "text")
        return (f"Nobody has answered yet: {items} wait for a verdict, from pools of {pool}.",)
    return (
        *_whole(found),
        *_unfinished(found),
        *_powered(found),
        *_differences(found),
        *_omission(found.whole.omission),
        *_agreement(found),
        *_controls(found),
        *_unsure(found),
    )


def _whole(found: Findings) -> Iterator[str]:
    whole, raters = found.whole, counted(len(found.progress), "rater")
    share = whole.correctness
    if share.value is None:
        answers = counted(len(found.answers), "answer")
        yield (
            f"No text of the sample has a verdict yet, after {answers} of {raters}: nobody was sure, raters are of two minds, "
            "or it is still to be read."
        )
        return
    read = f"{share.texts:,}" if not whole.open else f"{share.texts:,} of {whole.sampled:,}"
    message = f"{percent(share.value)} of {counted(whole.pool, 'example-label pair')} are right {within(share)}"
    yield f"{message}, judged on {read} by {raters} ({whole.open or 'none'} open).{_uncovered(share)}"


def _uncovered(share: Share) -> str:
    if share.uncovered <= 0:
        return ""
    return f" {percent(share.uncovered)} of them are in cells without a verdict: the share is that of the others."


def _unfinished(found: Findings) -> Iterator[str]:
    items = len(found.audit.items)
    left = [(one.rater, items - one.answered) for one in found.progress if one.answered < items]
    if left:
        message = [f"{rater}{'' if place else ' left'} {count:,}" for place, (rater, count) in enumerate(left)]
        yield f"{_joined(message, 'and')} of {counted(items, 'item')} unanswered."


def _powered(found: Findings) -> Iterator[str]:
    powered, share = found.whole.powered, found.whole.correctness
    if not found.judge or share.value is None:
        return
    if powered is None:
        yield f"{found.judge} and the raters have read fewer than {FEWEST} texts in common: its verdicts cannot be joined yet."
        return
    message = f"Joined with {found.judge}, which read {counted(powered.pool, 'text')} and calls {percent(powered.judge)} right"
    yield f"{message}: {percent(powered.value)} are right{_narrower(powered, share)}."


def _narrower(powered: PredictionPowered, share: Share) -> str:
    if share.low is None or share.high is None:
        return f" {within(powered)}"
    change = 1 - (powered.high - powered.low) / (share.high - share.low)
    way = (
        "as wide"
        if abs(change) < 0.005
        else f"{abs(change):.0%}".replace("%", " %") + (" narrower" if change > 0 else " wider")
    )
    return f" {within(powered)}, an interval {way}"


def _differences(found: Findings) -> Iterator[str]:
    """Of each division the two parts that lie farthest apart; of cells only where no LLM, prompt or criterion differs."""
    divisions = {group: _defined(parts) for group, parts in margins(found).items()}
    divisions = {group: parts for group, parts in divisions.items() if len(parts) > 1}
    if not divisions:
        return
    message = [sentence for group, parts in divisions.items() for sentence in _apart(group, parts)]
    if not message:
        message = list(_apart("cell", _defined(parts_of(found, "cell"))))
        names = _joined([GROUPS[group] for group in divisions], "or")
        yield f"No {names} is told apart from another."
    yield from message


def _defined(parts: tuple[Part, ...]) -> list[Part]:
    return [part for part in parts if part.correctness.value is not None]


def _apart(group: str, parts: list[Part]) -> Iterator[str]:
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


def _agreement(found: Findings) -> Iterator[str]:
    if not found.agreement:
        return
    whole, raters = found.agreement[0], counted(len(found.progress), "rater")
    items = counted(whole.items, "item")
    if not whole.items:
        yield f"How far {raters} agree is not known: no item has two verdicts."
    elif whole.alpha is None:
        yield f"{raters} gave one and the same verdict on all of {items}: agreement beyond chance is undefined."
    else:
        scale = "1 is full agreement, 0 what chance would give"
        few = " Too little to rest conclusions on: settle the texts to read again together." if whole.alpha < TENTATIVE else ""
        yield f"Agreement of {raters}: Krippendorff's alpha {number(whole.alpha)} on {items} ({scale}).{few}"


def _controls(found: Findings) -> Iterator[str]:
    for control in found.controls:
        planted = control.kind == PLANTED
        noun = "planted wrong label" if planted else "real text"
        message = _passed(control, noun, "called wrong" if planted else "called right for a label of their own")
        share = control.passed.value
        if share is not None and share < CAREFUL and planted:
            message += " Verdicts may be careless, or these texts do show what was planted: the report has them."
        elif share is not None and share < 1 and not planted:
            message += " Where they were not, raters are stricter than the real labels, or these are wrong."
        yield message


def _passed(control: Control, noun: str, how: str) -> str:
    share, waiting = control.passed, control.items - control.passed.texts
    if share.value is None:
        return f"No {noun} among the controls has a verdict yet, of {control.items}."
    was = "was" if control.items == 1 else "were"
    rest = f"; {waiting} {'has' if waiting == 1 else 'have'} no verdict" if waiting else ""
    message = f"{round(share.value * share.texts)} of {counted(share.texts, noun)} {was} {how}"
    return f"{message} {within(share)}{rest}."


def _unsure(found: Findings) -> Iterator[str]:
    unsure, answered = (sum(getattr(one, name) for one in found.progress) for name in ("unsure", "answered"))
    if unsure:
        yield f"Raters were unsure in {unsure:,} of {counted(answered, 'answer')} ({percent(unsure / answered)})."
    else:
        yield f"Nobody was unsure in any of {counted(answered, 'answer')}."
