"""Which texts are judged: as many of each stratum as can be, the same for the same seed, with controls among them."""

import random
import signal
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audits import LABELS, texts_for
from support.builders import real
from synthsweep.audit.items import PLANTED, REAL, SAMPLE, Audit, Stratum
from synthsweep.audit.sample import allocate, draw_audit, expected_widths, sample_size, strata_of
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.errors import AuditError, PoolError
from synthsweep.examples import Example, Provenance, text_key

SIZES = st.lists(st.integers(0, 30), min_size=1, max_size=40).map(
    lambda sizes: {Stratum("llm", "prompt", str(place)): size for place, size in enumerate(sizes)}
)


def written(number: int, criterion: str, llm: str = "one", *, labels: Sequence[str] | None = None, text: str = "") -> Example:
    """A text that an LLM wrote for a criterion; it carries it, unless labels are given."""
    carried = frozenset([criterion] if labels is None else labels)
    name = f"{llm}-{criterion}-{number}"
    origin = Provenance("synthetic", llm, "plain", criterion)
    return Example(name, text or f"Text {number} of {llm} on {criterion}.", carried, None, origin)


def pool_of(each: int, llms: Sequence[str] = ("one", "two")) -> list[Example]:
    """`each` texts of each LLM for each of the seven criteria."""
    return [written(number, label, llm) for llm in llms for label in LABELS.ids for number in range(each)]


POOL = pool_of(6)
REAL_TEXTS = [real(f"r{number}", LABELS.ids[number % 7]) for number in range(30)]


def drawn(pool: Sequence[Example] = POOL, seed: int = 1, **settings: Any) -> Audit:
    return draw_audit(pool, REAL_TEXTS, LABELS, AuditSettings(**settings), seed=seed)


def refusal(pool: Sequence[Example] = POOL, texts: Sequence[Example] = REAL_TEXTS, **settings: Any) -> str:
    with pytest.raises(AuditError) as refused:
        draw_audit(pool, texts, LABELS, AuditSettings(**settings), seed=1)
    return str(refused.value)


@given(SIZES, st.integers(0, 900), st.integers(0, 9))
def test_strata_get_the_same_number_as_far_as_they_go(sizes: dict[Stratum, int], n: int, seed: int) -> None:
    """Counts sum to n, no stratum gives more than it has, and those with texts left differ by at most one."""
    counts = allocate(sizes, n, seed=seed)
    unfilled = [counts[stratum] for stratum in sizes if counts[stratum] < sizes[stratum]]

    assert sum(counts.values()) == min(n, sum(sizes.values()))
    assert all(0 <= counts[stratum] <= sizes[stratum] for stratum in sizes)
    assert not unfilled or max(unfilled) - min(unfilled) <= 1
    assert not unfilled or all(counts[stratum] <= min(unfilled) + 1 for stratum in sizes)


@given(SIZES, st.integers(0, 300), st.integers(0, 300), st.integers(0, 9))
def test_a_larger_n_takes_no_text_away_from_any_stratum(sizes: dict[Stratum, int], n: int, more: int, seed: int) -> None:
    fewer, all_of_them = allocate(sizes, n, seed=seed), allocate(sizes, n + more, seed=seed)

    assert [stratum for stratum in sizes if fewer[stratum] > all_of_them[stratum]] == []


def test_the_design_of_the_thesis() -> None:
    """Ten of each of 7 criteria x 2 LLMs are 140 of 4,200."""
    audit = drawn(pool_of(300))

    assert (len(audit.items), sum(audit.sizes.values())) == (140, 4200)
    assert set(Counter(item.stratum for item in audit.items).values()) == {10}
    assert len(audit.sizes) == 14


def test_a_seed_draws_the_same_audit_again() -> None:
    audit = drawn(n=20, real=3, planted=3)

    assert audit == drawn(n=20, real=3, planted=3)
    assert audit.digest != drawn(n=20, real=3, planted=3, seed=2).digest


@given(st.integers(1, 84), st.integers(0, 84), st.integers(0, 5))
def test_a_larger_sample_holds_the_smaller_one(n: int, more: int, seed: int) -> None:
    """Item by item, with the same ids."""
    assert set(drawn(n=n, seed=seed).items) <= set(drawn(n=n + more, seed=seed).items)


@given(
    st.sampled_from(["all", "llm", "prompt", "criterion", "cell"]),
    st.sampled_from([0.05, 0.1, 0.25]),
    st.sampled_from([0.5, 0.83]),
    st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from(LABELS.ids)), st.integers(20, 9000), min_size=1),
)
def test_the_fewest_texts_are_taken_that_give_each_group_its_interval(
    of: str, half: float, expected: float, cells: dict[tuple[str, str], int]
) -> None:
    """However unequal the pools are: a large stratum with few sampled texts widens the interval of the whole."""
    sizes = {Stratum(llm, "plain", label): size for (llm, label), size in cells.items()}
    n = sample_size(AuditSettings(half_width=half, of=of, expected=expected), sizes, seed=1)
    widths = [max(expected_widths(allocate(sizes, many, seed=1), sizes, expected, of).values()) for many in (n, max(n - 1, 1))]

    assert widths[0] <= half or n == sum(sizes.values())
    assert widths[1] > half or n == 1


def test_equal_pools_take_what_one_interval_takes() -> None:
    """93 texts for 0.1 of all, as long as each cell can have its equal part; 14 cells of 7 are 98."""
    sizes = {Stratum(llm, "plain", label): 300 for llm in ("one", "two") for label in LABELS.ids}
    for of, groups in (("all", 1), ("llm", 2), ("criterion", len(LABELS.ids))):
        n = sample_size(AuditSettings(half_width=0.1, of=of), sizes, seed=1)

        assert texts_for(0.1) * groups <= n <= texts_for(0.1) * groups + len(sizes)


def test_n_is_taken_as_it_is_and_140_without_it() -> None:
    assert [sample_size(AuditSettings(n=n), {Stratum("a", "b", "c"): 9}, seed=1) for n in (5, None)] == [5, 140]


def test_a_small_pool_is_judged_whole() -> None:
    audit = drawn(n=1000)

    assert {item.example for item in audit.items} == {text.id for text in POOL}


def test_an_item_says_where_its_text_comes_from() -> None:
    """To those who read the key: the example with its labels, its LLM, prompt and criterion."""
    known = {text.id: text for text in POOL}
    for item in drawn(n=20).items:
        origin = known[item.example].provenance

        assert (known[item.example].text, known[item.example].labels) == (item.text, item.labels)
        assert item.stratum == Stratum(origin.llm, origin.prompt, origin.criterion)


def test_equal_texts_are_judged_once() -> None:
    """Across LLMs and whatever their case and spacing; the first one is judged."""
    pool = [written(1, "A1", text="Same text."), written(2, "A1", "two", text="same  TEXT"), written(3, "A1", "two")]

    assert sorted(item.example for item in drawn(pool, n=9).items) == ["one-A1-1", "two-A1-3"]
    assert drawn(pool).sizes == {Stratum("one", "plain", "A1"): 1, Stratum("two", "plain", "A1"): 1}


def test_no_text_is_shown_twice_as_a_control() -> None:
    """Neither a real one that stands twice in the corpus, nor one that an LLM has copied."""
    twice = [real("s1", "A1", text="Same."), real("s2", "A2", text="same"), *REAL_TEXTS]
    copied = [*POOL, written(7, "A1", text="Same.")]
    audits = [
        draw_audit(POOL, twice, LABELS, AuditSettings(n=1, real=31), seed=1),
        draw_audit(copied, twice, LABELS, AuditSettings(n=1, real=30, planted=84), seed=1),
    ]

    assert [len({text_key(item.text) for item in audit.items}) for audit in audits] == [32, 115]


def test_texts_for_other_criteria_are_not_judged() -> None:
    """None for any of them is an error that says how to get some."""
    assert drawn([written(1, "A1"), written(1, "Z9")], n=9).sizes == {Stratum("one", "plain", "A1"): 1}
    with pytest.raises(PoolError, match=r"^there is no synthetic text to judge: synthsweep generate llm=NAME makes some$"):
        strata_of([written(1, "Z9")], LABELS)


def test_a_near_miss_is_rightly_called_wrong() -> None:
    """A prompt may request texts without the label: wrong is the verdict that confirms them."""
    audit = drawn([written(1, "A1", labels=[])])

    assert [(item.criterion, item.expected) for item in audit.items] == [("A1", "wrong")]


@given(st.integers(1, 60), st.integers(0, 24), st.integers(0, 30), st.integers(0, 5))
def test_controls_are_what_they_claim(n: int, planted: int, real_: int, seed: int) -> None:
    """A planted label is one that the text lacks, and the text is not in the sample; a real text has its own label."""
    audit = drawn(n=n, planted=planted, real=real_, seed=seed)
    of = {kind: audit.of_kind(kind) for kind in (SAMPLE, PLANTED, REAL)}

    assert [len(items) for items in of.values()] == [n, planted, real_]
    assert all(item.criterion not in item.labels and item.labels for item in of[PLANTED])
    assert all(item.criterion in item.labels for item in (*of[REAL], *of[SAMPLE]))
    assert not {item.example for item in of[PLANTED]} & {item.example for item in of[SAMPLE]}
    assert {("", "")} >= {(item.llm, item.prompt) for item in of[REAL]}
    assert len(audit.items) == len({text_key(item.text) for item in audit.items})


def test_controls_change_nothing_of_the_sample() -> None:
    assert set(drawn(n=20).items) == set(drawn(n=20, real=9, planted=9).of_kind(SAMPLE))


def test_real_controls_are_spread_over_the_criteria() -> None:
    """As many of each as can be: of 14, two of each."""
    assert set(Counter(item.criterion for item in drawn(real=14).of_kind(REAL)).values()) == {2}


def test_too_few_controls_are_one_line() -> None:
    """A text with every label or none cannot be planted; a text without a label is not a real control."""
    bare = [written(1, "A1"), written(2, "A1", labels=[]), written(3, "A1", labels=LABELS.ids)]

    assert refusal(n=84, planted=1) == "audit.planted=1: the pools have 0 further texts that lack a label"
    assert "audit.planted=3: the pools have" in refusal(bare, n=1, planted=3)
    assert refusal(real=31) == "audit.real=31: the training part has 30 texts with a label"
    assert refusal(texts=[real("r")], real=1) == "audit.real=1: the training part has 0 texts with a label"


def test_real_texts_with_other_labels_alone_are_no_controls() -> None:
    """They do not count, so that the search for controls ends."""

    def too_long(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    message = refusal(texts=[real("r", "Z9")], real=1)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)

    assert message == "audit.real=1: the training part has 0 texts with a label"


def test_the_order_tells_nothing_of_the_strata() -> None:
    """Neighbours are of one stratum as often as in a shuffled row, over many seeds."""
    neighbours = [
        one.stratum == other.stratum
        for seed in range(40)
        for items in [drawn(n=84, seed=seed).items]
        for one, other in pairwise(items)
    ]

    assert sum(neighbours) / len(neighbours) == pytest.approx(5 / 83, abs=0.02)


def test_ids_tell_nothing() -> None:
    """Ids of one stratum have nothing in common, and another seed gives other ids."""
    one, other = ({item.id for item in drawn(n=84, planted=0, seed=seed).items} for seed in (1, 2))
    planted = {item.id for item in drawn(n=14, planted=20).items}

    assert (len(one), len(one & other)) == (84, 0)
    assert {len(ident) for ident in one | planted} == {9}


def test_no_spreadsheet_takes_an_id_for_a_number() -> None:
    """A csv that holds 00123456 or 12345e12 comes back with 123456 and 1.2345E+16."""
    ids = [item.id for seed in range(30) for item in drawn(n=84, seed=seed).items]

    assert [ident for ident in ids if not ident[0].isalpha()] == []


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_the_order_of_strata_in_a_pool_does_not_change_the_sample(rng: random.Random, each: int) -> None:
    """Each stratum is shuffled for itself."""
    strata = strata_of(POOL, LABELS)
    names = list(strata)
    rng.shuffle(names)

    assert set(drawn(n=14 * each).items) == set(drawn([text for name in names for text in strata[name]], n=14 * each).items)
