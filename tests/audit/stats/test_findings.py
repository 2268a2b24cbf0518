"""Everything that an audit says."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audits import LABELS, PROMPT, small
from synthsweep.audit.items import PLANTED, REAL, RIGHT, SAMPLE, UNSURE, WRONG, Answer, Audit, Item, Stratum
from synthsweep.audit.stats.findings import Findings, Judged, compute_findings, groups_of
from synthsweep.audit.stats.prediction_powered import prediction_powered_share
from synthsweep.audit.stats.shares import Share, share_of, weighted_share
from synthsweep.examples import LabelSet, text_key

AUDIT = small(28, real=4, planted=3)
SAMPLED = AUDIT.of_kind(SAMPLE)


def said(verdict: Callable[[Item], str], rater: str = "anna", audit: Audit = AUDIT) -> list[Answer]:
    return [Answer(item.id, rater, verdict(item)) for item in audit.items]


def by_llm(item: Item) -> str:
    """The first LLM is always right, the other one never."""
    return item.expected if item.llm != "llm-two" else WRONG


def close(expected: Share, actual: Share) -> bool:
    """Up to rounding."""
    return actual.texts == expected.texts and (actual.value, actual.low, actual.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def cut(labels: LabelSet, *llms: str) -> Audit:
    """An audit of these LLMs and criteria alone."""
    strata = [Stratum(llm, "plain", label) for label in labels.ids for llm in llms]
    return replace(small(0), labels=labels, sizes=dict.fromkeys(strata, 9))


def test_parts_are_the_whole_its_divisions_and_its_cells() -> None:
    """One prompt is no division."""
    groups = [(group, name) for group, name, _ in groups_of(AUDIT)]

    assert groups[:4] == [("all", "all"), ("llm", "llm-one"), ("llm", "llm-two"), ("criterion", "A1")]
    assert len(groups) == 1 + 2 + 7 + 14
    assert groups[10] == ("cell", "llm-one / plain-prompt / A1")


def test_a_division_with_one_member_is_left_out() -> None:
    """And cells, where there is one division only: they would say it again."""
    one, two = LabelSet("one", LABELS.criteria[:1]), LabelSet("two", LABELS.criteria[:2])

    assert [group for group, _, _ in groups_of(cut(one, "a"))] == ["all"]
    assert [group for group, _, _ in groups_of(cut(two, "a"))] == ["all", "criterion", "criterion"]
    assert [group for group, _, _ in groups_of(cut(one, "a", "b"))] == ["all", "llm", "llm"]
    assert len(groups_of(cut(two, "a", "b"))) == 1 + 2 + 2 + 4


def test_an_audit_that_nobody_answered_says_nothing() -> None:
    """Nothing is zero: shares are undefined, every text is open."""
    found = compute_findings(AUDIT, [])

    assert (
        found.whole.sampled, found.whole.pool, found.whole.open, found.whole.right, found.whole.wrong,
    ) == (28, 280, 28, 0, 0)  # fmt: skip
    assert Share(0, uncovered=1.0) == found.whole.correctness == found.whole.omission
    assert (found.agreement, found.progress, found.opinions) == ((), (), {})
    assert [(c.kind, c.items, c.passed) for c in found.controls] == [(REAL, 4, Share(0)), (PLANTED, 3, Share(0))]


def test_each_part_counts_its_own_texts() -> None:
    """Of an LLM that is always right and one that never is."""
    found = compute_findings(AUDIT, said(by_llm))

    assert [
        (part.right, part.wrong)
        for part in (found.whole, found.part("llm", "llm-one"), found.part("llm", "llm-two"), found.part("criterion", "B3"))
    ] == [(14, 14), (14, 0), (0, 14), (2, 2)]
    assert close(share_of([True] * 14 + [False] * 14), found.whole.correctness)
    assert (
        found.part("cell", "llm-two / plain-prompt / A1").correctness.value,
        found.part("llm", "llm-one").correctness.value,
    ) == (0.0, 1.0)


@given(st.lists(st.sampled_from([RIGHT, WRONG, UNSURE, ""]), min_size=28, max_size=28))
def test_every_group_adds_up_to_the_whole(verdicts: list[str]) -> None:
    """Pools, texts, right, wrong and open; an item without a word was not answered."""
    answers = [Answer(item.id, "anna", word) for item, word in zip(SAMPLED, verdicts, strict=True) if word]
    found = compute_findings(AUDIT, answers)
    whole = found.whole

    for group in ("llm", "criterion", "cell"):
        parts = [part for part in found.parts if part.group == group]
        for field in ("pool", "sampled", "right", "wrong", "open"):
            assert getattr(whole, field) == sum(getattr(part, field) for part in parts)
    assert whole.right == verdicts.count(RIGHT)
    assert whole.open == verdicts.count(UNSURE) + verdicts.count("")


def test_strata_weigh_what_their_pools_hold() -> None:
    """An LLM with nine times the texts weighs nine tenths of the whole."""
    sizes = {stratum: 90 if stratum.llm == "llm-two" else 10 for stratum in AUDIT.sizes}
    found = compute_findings(replace(AUDIT, sizes=sizes), said(by_llm))

    assert found.whole.correctness.value == pytest.approx(0.1)
    assert close(weighted_share({1: [True] * 14, 2: [False] * 14}, {1: 70, 2: 630}), found.whole.correctness)


def test_strata_without_an_answer_are_uncovered() -> None:
    """Nobody answered anything of one LLM: half of the pool is not covered."""
    found = compute_findings(
        AUDIT, [answer for answer in said(by_llm) if (AUDIT.item(answer.item) or SAMPLED[0]).llm != "llm-two"]
    )

    assert (found.whole.correctness.value, found.whole.correctness.uncovered, found.whole.open) == (1.0, 0.5, 14)


def test_near_misses_are_correct_where_wrong() -> None:
    audit = replace(AUDIT, items=tuple(replace(item, labels=frozenset()) for item in SAMPLED))
    found = compute_findings(audit, said(lambda item: WRONG if item.llm == "llm-one" else RIGHT, audit=audit))

    assert (found.part("llm", "llm-one").right, found.part("llm", "llm-two").wrong) == (14, 14)
    assert found.whole.omission.value == 0.5


def test_omission_is_what_labels_leave_out() -> None:
    """A further criterion counts where the labels do not have it, whatever the verdict is."""
    item, other, third = SAMPLED[:3]
    audit = replace(AUDIT, items=(item, replace(other, labels=frozenset({other.criterion, "B4"})), third))
    marks = frozenset({"B4"})
    answers = [Answer(one.id, "anna", word, marks) for one, word in zip(audit.items, [WRONG, RIGHT, UNSURE], strict=True)]
    found = compute_findings(audit, answers)

    assert (found.whole.omission.value, found.whole.omission.texts) == (0.5, 2)
    assert (found.whole.right, found.whole.wrong, found.whole.open) == (1, 1, 1)


def test_controls_are_no_part_of_the_sample() -> None:
    """They pass where the verdict is the one that was known."""
    found = compute_findings(AUDIT, said(lambda item: RIGHT))

    assert [(control.kind, control.items, control.passed) for control in found.controls] == [
        (REAL, 4, share_of([True] * 4)),
        (PLANTED, 3, share_of([False] * 3)),
    ]
    assert (found.whole.right, found.whole.correctness.value) == (28, 1.0)
    assert compute_findings(small(14), []).controls == ()


def test_planted_labels_are_no_part_of_their_stratum() -> None:
    """Though their texts were written by an LLM of the sample."""
    items = (replace(item, llm="llm-one", prompt=PROMPT) if item.kind == PLANTED else item for item in AUDIT.items)
    audit = replace(AUDIT, items=tuple(items))

    whole = compute_findings(audit, said(lambda item: RIGHT, audit=audit)).whole

    assert (whole.sampled, whole.right, whole.wrong) == (28, 28, 0)


def test_controls_that_nobody_is_sure_of_are_left_out() -> None:
    """The share is of those with a verdict; the number of all is beside it."""
    first = AUDIT.of_kind(REAL)[0]
    found = compute_findings(AUDIT, [Answer(first.id, "anna", RIGHT), Answer(AUDIT.of_kind(REAL)[1].id, "anna", UNSURE)])

    assert (4, share_of([True])) == (found.controls[0].items, found.controls[0].passed)


def test_progress_is_of_each_rater() -> None:
    """By name, whatever its case; unsure answers are answers."""
    answers = [*said(lambda item: RIGHT, "ben")[:5], *said(lambda item: UNSURE, "Cleo")[:2], *said(by_llm, "Anna")]

    assert [(one.rater, one.answered, one.unsure) for one in compute_findings(AUDIT, answers).progress] == [
        ("Anna", 35, 0),
        ("ben", 5, 0),
        ("Cleo", 2, 2),
    ]


def test_one_rater_agrees_with_nobody() -> None:
    assert compute_findings(AUDIT, said(by_llm)).agreement == ()


def test_agreement_is_of_all_verdicts_and_of_each_criterion() -> None:
    """Two raters of one mind, but for one text; items are those that two were sure of."""
    odd, open_ = SAMPLED[0].id, SAMPLED[1].id
    flipped = {odd: WRONG, open_: UNSURE}
    ben = [replace(one, verdict=flipped.get(one.item, one.verdict)) for one in said(by_llm, "ben")]
    rows = {row.name: row for row in compute_findings(AUDIT, [*said(by_llm), *ben]).agreement}

    assert list(rows) == ["all", *LABELS.ids]
    assert (rows["all"].items, rows["A1"].items, rows["A2"].items) == (34, 4, 5)
    assert (rows["B1"].alpha, rows["B1"].kappa, rows["B1"].marks) == (1.0, 1.0, 1.0)
    assert rows["all"].marks is None
    assert 0 < (rows["A1"].alpha or 0) < (rows["all"].alpha or 0) < 1


def test_no_text_in_common_is_no_agreement() -> None:
    rows = compute_findings(AUDIT, [*said(by_llm)[:9], *said(by_llm, "ben")[9:]]).agreement

    assert {(row.items, row.alpha, row.kappa) for row in rows} == {(0, None, None)}


def judged(audit: Audit, accuracy: float = 0.9, seed: int = 1) -> Judged:
    """A judge of every text of pools with 20 texts a stratum; the sampled ones are among them."""
    rng = random.Random(seed)
    verdicts = {stratum: {f"pool-{place}": rng.random() < accuracy for place in range(20)} for stratum in audit.sizes}
    for item in audit.of_kind(SAMPLE):
        verdicts[item.stratum][text_key(item.text)] = rng.random() < accuracy
    return Judged("judge", verdicts)


def test_without_a_judge_nothing_is_prediction_powered() -> None:
    found = compute_findings(AUDIT, said(by_llm))

    assert (found.judge, {part.powered for part in found.parts}) == ("", {None})


def test_a_judge_joins_every_part_with_texts_enough() -> None:
    """The whole and the LLMs have at least ten texts; criteria and cells have not."""
    judge = judged(AUDIT)
    found = compute_findings(AUDIT, said(by_llm), judge)
    both = [(by_llm(item) == RIGHT, judge.verdicts[item.stratum][text_key(item.text)]) for item in SAMPLED]
    everywhere = [verdict for of in judge.verdicts.values() for verdict in of.values()]
    truth, words = np.array(both, dtype=float).T

    assert found.judge == "judge"
    assert {part.group for part in found.parts if part.powered} == {"all", "llm"}
    assert prediction_powered_share(truth, words, np.full(28, 1.0), np.array(everywhere, dtype=float)) == found.whole.powered


def test_texts_that_the_judge_did_not_read_are_left_out() -> None:
    """The weights are of those that both read."""
    judge = judged(AUDIT)
    unread = SAMPLED[0]
    less = {s: {i: v for i, v in of.items() if i != text_key(unread.text)} for s, of in judge.verdicts.items()}
    whole = compute_findings(AUDIT, said(by_llm), Judged("judge", less)).whole

    assert whole.powered is not None
    assert (27, sum(map(len, less.values())), 28) == (whole.powered.texts, whole.powered.pool, whole.correctness.texts)


def covered(audit: Audit, share: float, audits: int) -> tuple[float, Findings]:
    """How often the interval of the whole holds a planted share."""
    rng = random.Random(2024)
    held = 0
    for _ in range(audits):
        found = compute_findings(audit, said(lambda item: RIGHT if rng.random() < share else WRONG, audit=audit))
        correctness = found.whole.correctness
        held += (correctness.low or 0) <= share <= (correctness.high or 0)
    return held / audits, found


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Over 1,000 audits of 140 texts, 83 % of which are right."""
    share, last = covered(small(140), 0.83, 1000)

    assert 0.93 <= share <= 0.98
    assert (last.whole.sampled, last.whole.correctness.texts) == (140, 140)
