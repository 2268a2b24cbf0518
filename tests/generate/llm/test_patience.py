"""When an answer is waited for no longer, on a clock that the test turns."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.llm.patience import MOST_SILENCES, Flight, Patience


class Turned:
    """Stands still until it is turned."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def patient(least: float = 120.0) -> tuple[Patience, Turned]:
    clock = Turned()
    return Patience(least, clock), clock


def test_what_waits_behind_others_is_not_late() -> None:
    """One slot, 30 s an answer, 32 at once: the last one waits 16 minutes, and the server is silent for 30 s at most."""
    patience, clock = patient()
    flights = [Flight(clock.now, number, number) for number in range(32)]
    while flights:
        clock.now += 30
        assert min(map(patience.left_s, flights)) > 0
        patience.answered(flights.pop(0), flights)

    assert patience.allowed == 120.0


def test_a_silent_server_gets_twice_as_long_each_time_until_it_counts_as_dead() -> None:
    patience, clock = patient()
    waited = []
    while not patience.dead:
        flight = Flight(clock.now, 0, 0)
        waited.append(patience.left_s(flight))
        clock.now += waited[-1]
        assert patience.left_s(flight) <= 0
        patience.timed_out(flight)

    assert waited == [120.0, 240.0, 480.0, 960.0]
    assert len(waited) == MOST_SILENCES


def test_patience_follows_the_slowest_answer() -> None:
    """Of a server that takes 400 s, the next answer is not given up at 120 s."""
    patience, clock = patient()
    flight = Flight(clock.now, 0, 0)
    clock.now += 400
    patience.answered(flight, [])

    assert patience.left_s(Flight(clock.now, 0, 1)) == 1200.0


def test_a_request_that_many_later_ones_have_overtaken_is_late() -> None:
    """Its connection is lost, though the server answers others all the time."""
    patience, clock = patient()
    lost, numbers = Flight(clock.now, 3, 0), count(1)
    for _ in range(9):
        clock.now += 20
        patience.answered(Flight(clock.now - 20, 3, next(numbers)), [lost])

    assert patience.left_s(lost) < 0
    patience.timed_out(lost)
    assert patience.silences == 0


@given(services=st.lists(st.floats(0.1, 100.0), min_size=1, max_size=60), slots=st.integers(1, 8), at_once=st.integers(1, 40))
def test_no_request_is_given_up_while_a_server_answers_in_time(services: list[float], slots: int, at_once: int) -> None:
    """First come, first served, by any number of slots, whatever the queue: nothing is late."""
    patience, clock = patient(100.5)
    free_at, waiting, flying = [clock.now] * slots, list(services), list[tuple[float, Flight]]()
    numbers = count()
    while waiting or flying:
        while waiting and len(flying) < at_once:
            slot = min(range(slots), key=free_at.__getitem__)
            free_at[slot] = max(clock.now, free_at[slot]) + waiting.pop()
            flying.append((free_at[slot], Flight(clock.now, len(flying), next(numbers))))
        flying.sort(key=lambda one: one[0])
        until, flight = flying.pop(0)
        late = [one for _, one in flying if patience.left_s(one) < until - clock.now and not one.lost]
        assert not late
        clock.now = until
        patience.answered(flight, [one for _, one in flying])
