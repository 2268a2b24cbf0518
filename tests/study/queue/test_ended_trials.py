"""Trials that have ended are counted once: the counts are those of a look at all trials each time."""

import hypothesis.strategies as st
from hypothesis import given
from optuna.trial import FrozenTrial, TrialState, create_trial

from synthsweep.study.optuna_storage import WARM
from synthsweep.study.queue.ended_trials import FINISHED, EndedTrials

ENDS = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def trial(number: int, state: TrialState, *, warm: bool) -> FrozenTrial:
    made = create_trial(
        state=state, value=1.0 if state == TrialState.COMPLETE else None, user_attrs={WARM: "s"} if warm else {}
    )
    made.number = number
    return made


@given(
    looks=st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 30)), st.sampled_from(ENDS))),
    warm=st.sets(st.integers(0, 30)),
    own=st.sets(st.integers(0, 30)),
)
def test_the_counts_are_those_of_all_trials(
    looks: list[tuple[int, list[int], TrialState]], warm: set[int], own: set[int]
) -> None:
    """Between two looks some trials come and some end, in any order."""
    ended, states = EndedTrials(), list[TrialState]()
    for come, end, how in looks:
        states += [TrialState.RUNNING] * come
        for number in end:
            if number < len(states) and not states[number].is_finished():
                states[number] = how
        trials = [trial(number, state, warm=number in warm) for number, state in enumerate(states)]

        rest = ended.count(trials, own)

        finished = [one for one in trials if one.state in FINISHED and one.number not in warm]
        of_others = [one for one in finished if one.number not in own]
        assert ended.finished + sum(one.state in FINISHED for one in rest) == len(finished)
        assert ended.of_others + sum(one.state in FINISHED and one.number not in own for one in rest) == len(of_others)
        running = {one.number for one in trials if not one.state.is_finished()} - warm
        assert {one.number for one in rest if not one.state.is_finished()} == running
        assert not {one.number for one in rest} & warm


def test_a_trial_that_was_counted_is_not_looked_at_again() -> None:
    ended = EndedTrials()
    trials = [trial(number, TrialState.COMPLETE, warm=False) for number in range(3)]

    assert ended.count(trials, own={0}) == []
    assert ended.count(trials, own={0}) == []
    assert (ended.finished, ended.of_others) == (3, 2)
