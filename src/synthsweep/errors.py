"""Every error that synthsweep raises on purpose.

SynthsweepError                exit status 1
├── InputError                 exit status 2: the user can fix it, the message says how
│   ├── ConfigError            a key: unknown, of the wrong type, out of range
│   ├── DataError              the corpus: a file, a column, rows
│   ├── PoolError              the synthetic texts: too few, unreadable, not recorded
│   ├── PrivacyError           real texts would leave this machine without permission
│   ├── ModelError             the encoder: weights or device not on this machine, sizes that do not fit
│   ├── AuditError             the audit: no such sample, a sheet or an answer that does not fit it
│   └── StudyError             the study: its space, objective or design is invalid, or differs from before
├── TrackingError              the tracking store: unreachable, full, broken
├── StorageError               the study's storage: the same
├── ReplyStoreError            the store of replies: the same
├── CompletionError            an LLM's server: no usable answer, or refuses to answer at all
├── TrainingError              the loss is not a number any more
├── WorkerError                workers do not start
├── ReportError                a report could not be written
├── SweepFailed                a sweep ended, and some of its runs failed
├── Pruned                     a pruner ended a run early: not a failure, but no result either
└── Interrupted                exit status 130: Ctrl-C or SIGTERM

A message is one line: field, rule, value, way out. Refusal carries an error past Hydra, which would otherwise print
a line of its own first.
"""


class SynthsweepError(Exception):
    """The root: anything else that escapes is a bug of ours."""

    exit_status = 1


class InputError(SynthsweepError):
    """The user's input is invalid."""

    exit_status = 2


class ConfigError(InputError):
    """A configuration key has no such name, type, choice or range."""


class DataError(InputError):
    """The corpus cannot be read as it is described."""


class PoolError(InputError):
    """The synthetic texts cannot be obtained as they are described."""


class PrivacyError(InputError):
    """Something private would leave this machine."""


class ModelError(InputError):
    """The encoder cannot be loaded as it is described."""


class AuditError(InputError):
    """There is no such audit, or a sheet or an answer does not fit it."""


class StudyError(InputError):
    """The description of a study is invalid, or differs from the one it was begun with."""


class TrackingError(SynthsweepError):
    """The tracking store does not answer or rejects what it is given."""


class StorageError(SynthsweepError):
    """The storage of a study does not answer or rejects what it is given."""


class ReplyStoreError(SynthsweepError):
    """The store of replies does not answer or rejects what it is given."""


class CompletionError(SynthsweepError):
    """An LLM's server does not answer as it should."""


class TrainingError(SynthsweepError):
    """Training cannot go on."""


class WorkerError(SynthsweepError):
    """The workers of a sweep do not start."""


class ReportError(SynthsweepError):
    """A report could not be written."""


class SweepFailed(SynthsweepError):  # noqa: N818
    """A sweep ended, and some of its runs failed."""


class Pruned(SynthsweepError):  # noqa: N818
    """A pruner ended a run early."""


class Interrupted(SynthsweepError):  # noqa: N818
    """Somebody asked the run to stop."""

    exit_status = 130


class Refusal(BaseException):
    """An error on its way to the command line; not an Exception, so that Hydra lets it through."""

    def __init__(self, error: SynthsweepError) -> None:
        super().__init__(str(error))
        self.error = error
