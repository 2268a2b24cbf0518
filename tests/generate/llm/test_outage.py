"""When asking again is in vain, by rounds of requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.llm.dialects.outcomes import FailureKind
from synthsweep.generate.llm.outage import LASTING, MOST_ROUNDS, Outage

KINDS = st.sampled_from([*FailureKind])


@given(kinds=st.lists(KINDS, max_size=20), beside=st.integers(1, 32))
def test_what_was_sent_together_is_one_round(kinds: list[FailureKind], beside: int) -> None:
    """However many requests were under way; what passes by itself never lasts."""
    outage = Outage()
    for now, kind in enumerate(kinds):
        for _ in range(beside):
            outage.failed(kind, now, now + 0.5)

    assert outage.rounds == sum(kind in LASTING for kind in kinds)


@pytest.mark.parametrize(("answered", "rounds"), [(False, 2), (True, MOST_ROUNDS)])
def test_a_place_that_is_no_api_is_given_up_sooner_where_it_never_was_one(answered: bool, rounds: int) -> None:
    outage = Outage()
    if answered:
        outage.ended()
    lasted = []
    for now in range(rounds):
        outage.failed(FailureKind.FOREIGN, now, now + 0.5)
        lasted.append(outage.lasts)

    assert lasted == [False] * (rounds - 1) + [True]


def test_one_damaged_reply_of_many_slows_nobody_down() -> None:
    """The second one in a row does."""
    outage, pauses = Outage(), []
    for now in range(2):
        outage.failed(FailureKind.DAMAGED, now, now + 0.5)
        pauses.append(outage.pauses(FailureKind.DAMAGED))

    assert pauses == [False, True]
