"""Error classes: each message is one sentence that names the place and the fix, each class has an exit code."""


class DetenteError(Exception):
    """Base of every error that the user can correct; ``exit_code`` is the exit code of the process."""

    exit_code = 1


class ConfigError(DetenteError):
    """A bad command or configuration: unknown key, wrong type, impossible value (exit code 2)."""

    exit_code = 2


class DataError(DetenteError):
    """Input or results that are missing, unreadable or damaged (exit code 4)."""

    exit_code = 4


class BusyError(DataError):
    """Another process is writing the same files (exit code 4)."""


class PartialError(DetenteError):
    """Some units of a batch failed; the others are finished (exit code 3)."""

    exit_code = 3


class CheckError(DetenteError):
    """A requested check failed: ``validate``, ``reproduce`` (exit code 5)."""

    exit_code = 5
