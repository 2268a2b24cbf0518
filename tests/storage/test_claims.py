"""One rule says when a claim is free."""

from dataclasses import replace

import psutil
import pytest

from synthsweep.storage.claims import Claim, mark_of, new_owner
from synthsweep.storage.process import ProcessMark, own_mark

NOW = 1000.0
GONE = replace(own_mark(), started="0.00")
# What the version before wrote of this process.
EARLIER = replace(own_mark(), started=f"{psutil.Process().create_time():.2f}")
ELSEWHERE = ProcessMark("another-host", "1", "0.00")
MACHINE, _, *CONTAINER_AND_TICKS = own_mark().started.split(" ")
CLONE = replace(own_mark(), started=" ".join((MACHINE, "another-boot", *CONTAINER_AND_TICKS)))


@pytest.mark.parametrize(
    ("mark", "until", "free"),
    [
        pytest.param(own_mark(), 1001.0, False, id="alive"),
        pytest.param(own_mark(), 999.0, False, id="alive, whatever the clock says"),
        pytest.param(GONE, 1001.0, True, id="gone"),
        pytest.param(EARLIER, 1001.0, False, id="of an earlier version"),
        pytest.param(EARLIER, 999.0, True, id="of an earlier version and run out"),
        pytest.param(ELSEWHERE, 1001.0, False, id="elsewhere"),
        pytest.param(CLONE, 1001.0, False, id="a clone of this machine"),
        pytest.param(CLONE, 999.0, True, id="a clone of this machine and run out"),
        pytest.param(ELSEWHERE, 999.0, True, id="elsewhere and run out"),
    ],
)
def test_a_claim_is_free_when_its_process_is_gone_or_cannot_be_seen_and_it_has_run_out(
    mark: ProcessMark, until: float, free: bool
) -> None:
    assert Claim(mark, until).is_free(NOW) == free


def test_an_owner_names_this_process_and_differs_from_another_one_in_it() -> None:
    one, other = new_owner(), new_owner()

    assert mark_of(one) == mark_of(other) == own_mark()
    assert one != other


def test_an_owner_is_written_as_earlier_versions_wrote_it() -> None:
    """Studies that they began are still shared with them."""
    assert mark_of("host|12|34.50|0a1b2c3d") == ProcessMark("host", "12", "34.50")
    assert new_owner().rpartition("|")[0] == "|".join(own_mark().values)
