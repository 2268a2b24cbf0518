"""What one command may take of a study: hours, failed replicates, and tries of a replicate whose worker died."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StudyLimits:
    """`hours` since it was made, or that many `failures`, end the command; 0 is no limit. `retries` are further tries."""

    retries: int = 2
    hours: float = 0.0
    failures: int = 0
    _began: float = field(default_factory=time.monotonic)

    def reached(self, failures: int) -> str:
        """The limit that this command has reached with so many failed replicates, in words; empty if none."""
        if 0 < self.failures <= failures:
            return f"hydra.sweeper.max_failures={self.failures} is reached"
        if 0 < self.hours * 3600 <= time.monotonic() - self._began:
            return f"hydra.sweeper.max_hours={self.hours:g} is over"
        return ""
