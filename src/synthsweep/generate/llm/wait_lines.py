"""What a person is told of a wait: a line that counts down, or, if it would be too long, when to come back."""

import math
import re
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.llm.openai_client import Busy, Failed, FailureKind
from synthsweep.generate.llm.throttle import REQUESTS
from synthsweep.generate.missing import MissingRequests

STATUS = re.compile(r"answers (\d{3})")
OVERLOADED = "the server is busy"
NOBODY = {
    FailureKind.UNREACHABLE: "the server cannot be reached",
    FailureKind.DAMAGED: "answers come damaged",
    FailureKind.FOREIGN: "what answers is no LLM",
}


def busy_reason(busy: Busy) -> str:
    """Why a server asks to wait, in words."""
    return REQUESTS if _status(busy.reason) == 429 else f"{OVERLOADED} ({_status(busy.reason) or busy.reason})"


def is_timeout(failed: Failed) -> bool:
    """Whether somebody gave up waiting: this process, the server, or a gateway before it."""
    return failed.reason.startswith("no answer within") or _status(failed.reason) in {408, 504, 524}


def waiting_line(seconds: float, reason: str) -> str:
    """`waiting 41 s: the server's limit of requests per minute`."""
    return f"waiting {_span(seconds)}: {reason}"


def too_long(llm: LlmConfig, missing: MissingRequests, seconds: float, reason: str, most: float) -> str:
    """When to come back after a wait that is too long; without a word of the server's, later."""
    place, state = urlsplit(llm.base_url or "").netloc, f"{missing.done} of {missing.total} {missing.unit} are there"
    if seconds <= most:
        return (
            f"{place} refused everything for more than generate.max_wait_s={most:g} s ({reason}): {state}, "
            "the same command goes on later"
        )
    return (
        f"{place} asks to wait {_span(seconds)} ({reason}), longer than generate.max_wait_s={most:g}: {state}, "
        f"the same command goes on after {_clock(seconds)}"
    )


def _status(reason: str) -> int | None:
    found = STATUS.search(reason)
    return int(found[1]) if found else None


def _span(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{math.ceil(whole / 60)} min" if whole < 7200 else f"{whole / 3600:.1f} h"


def _clock(seconds: float) -> str:
    """The local time after some seconds, with the day if that is not today."""
    now = datetime.fromtimestamp(time.time())
    # The minute after, since a server's clock is not ours.
    then = now + timedelta(seconds=min(seconds, 3.2e9) + 60)
    return then.strftime("%H:%M" if then.date() == now.date() else "%Y-%m-%d %H:%M")
