"""What détente says when something is wrong: one sentence that names the place and the fix, and an exit code."""


class DetenteError(Exception):
    """Base of every error that is the user's to mend; ``exit_code`` is the process's answer."""

    exit_code = 1


class ConfigError(DetenteError):
    """A bad command or configuration: unknown key, wrong type, impossible value (exit code 2)."""

    exit_code = 2


class DataError(DetenteError):
    """Input or results that are missing, unreadable or damaged (exit code 4)."""

    exit_code = 4


class BusyError(DataError):
    """Another process is writing what was to be written (exit code 4)."""


class PartialError(DetenteError):
    """Some units of a batch failed; the others are finished and kept (exit code 3)."""

    exit_code = 3


class CheckError(DetenteError):
    """A check that was asked for did not hold: ``validate``, ``reproduce`` (exit code 5)."""

    exit_code = 5
