"""A connection to a dask scheduler: opened, checked and, when lost, opened again. Each error is one sentence."""

import logging
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from detente.engine.cluster import worker
from detente.engine.executors import ExecutorLost
from detente.shared.errors import ConfigError, DataError

LOCAL = "local"
FRESH = 2.0
"""Seconds for which the number of workers is cached."""
RETRY = 0.5
CLOSING = 10.0
"""Seconds that a client may take to close."""


class Connection:
    """A client of the scheduler at ``address``, or of processes on this computer that it starts itself (LOCAL)."""

    def __init__(
        self, address: str, security: dict[str, Path], jobs: int, wait: float, say: Callable[[str], None]
    ) -> None:
        self.address = address
        self.security = security
        self.jobs = jobs
        self.wait = wait
        self.say = say
        self.shown = "--cluster local" if address == LOCAL else address
        self.generation = 0
        self._client: Any = None
        self._local: Any = None
        self._threads = (0.0, 0)
        self._empty_since: float | None = None

    def open(self) -> None:
        """Connect, wait for a worker and compare versions (ConfigError, DataError)."""
        distributed = library()
        if self.security and self.address.startswith("tcp://"):
            raise ConfigError(
                f"{self.address}: certificates need an encrypted connection; write tls:// instead of tcp://."
            )
        for path in self.security.values():
            if not path.is_file():
                raise DataError(f"{path}: no certificate or key file with this name.")
        for name in ("distributed", "distributed.client"):  # errors are reported here, in one sentence
            logging.getLogger(name).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", category=distributed.versions.VersionMismatchWarning)
        try:
            if self.address == LOCAL:
                self._start_local(distributed)
            else:
                self.say(f"Connecting to {self.address} …")
            self._connect(self.wait)
            self._settle(self.wait)
        except BaseException:
            self.close()
            raise

    def _start_local(self, distributed: ModuleType) -> None:
        """Worker processes of one thread each, that only this process can talk to.

        Even on one computer others may be logged in.
        """
        import dask.config

        nothing_served: dict[str, list[str]] = {
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
        }
        with dask.config.set(nothing_served):
            self._local = distributed.LocalCluster(
                n_workers=self.jobs,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                protocol="tls://",
                security=distributed.Security.temporary(),
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                preload=[worker.__name__],
                silence_logs=logging.CRITICAL,
            )

    def _connect(self, seconds: float) -> None:
        """A new client (DataError if there is none within so many seconds)."""
        distributed = library()
        try:
            target = self._local or self.address
            security = self._local.security if self._local is not None else self._credentials(distributed)
            self._client = distributed.Client(
                target, security=security, timeout=seconds, set_as_default=False, name="detente"
            )
        except (OSError, RuntimeError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise DataError(
                f"{self.shown}: no dask scheduler can be reached there ({reason}); "
                "check the address and the certificates."
            ) from error

    def _credentials(self, distributed: ModuleType) -> Any:
        """The certificates given, else those of dask's own configuration; None if there are none."""
        names = {"ca": "tls_ca_file", "cert": "tls_client_cert", "key": "tls_client_key"}
        given = {names[name]: str(path) for name, path in self.security.items()}
        return (
            distributed.Security(require_encryption=True, **given)
            if given or self.address.startswith("tls://")
            else None
        )

    def _settle(self, seconds: float) -> None:
        """Wait for a worker, and check that all machines have the same versions."""
        try:
            self._client.wait_for_workers(1, timeout=seconds)
        except TimeoutError:
            start = f"dask worker {self.address}"
            raise DataError(
                f"{self.shown}: no worker has joined within {seconds:.0f} s; start some with: {start}"
            ) from None
        self._check()
        self._threads = (0.0, 0)
        self._empty_since = None

    def _check(self) -> None:
        """Check that all processes can import the package, in the same versions.

        Versions are those that decide the bits.
        """
        install = "install the same détente there, with the extra: pip install 'detente[cluster]'."
        here = worker.versions()
        try:
            self._client.run_on_scheduler(worker.versions)
        except (ImportError, AttributeError) as error:
            raise DataError(f"{self.shown}: the scheduler cannot import détente ({error}); {install}") from error
        for address, there in self._client.run(worker.versions, on_error="return").items():
            if isinstance(there, OSError):
                continue  # the worker has just left
            if isinstance(there, BaseException):
                raise DataError(f"{address}: this worker cannot import détente ({there}); {install}")
            if others := worker.differences(there, here):
                raise DataError(f"{address}: this worker has other versions ({others}); {install}")

    def threads(self) -> int:
        """Threads of all workers, refreshed every FRESH seconds.

        ExecutorLost when there has been none for ``wait`` seconds.
        """
        asked, number = self._threads
        now = time.monotonic()
        if now - asked < FRESH:
            return number
        number = sum(self._client.nthreads().values())
        self._threads = (now, number)
        if number:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = now
            self.say(f"{self.shown}: all workers are gone; waiting {self.wait:.0f} s for another.")
        elif now - self._empty_since > self.wait:
            raise ExecutorLost(
                f"{self.shown}: all workers are gone and none came back within {self.wait:.0f} s; "
                "start some and repeat the command."
            )
        return number

    def submit(self, order: dict[str, Any], first_unit: int, units: int) -> Any:
        """A chunk as a task with a unique name, so that it cannot be confused with a task of a lost scheduler."""
        key = f"detente-{order['digest'][:8]}-{first_unit}-{units}-{uuid4().hex}"
        return self._client.submit(worker.compute, order, first_unit, units, key=key, pure=False)

    def wait_for(self, future: Any, seconds: float) -> None:
        """Wait until a task is done, without its result (TimeoutError after some seconds)."""
        with self._client.as_current():
            library().wait(future, timeout=seconds)

    def cancel(self, futures: list[Any]) -> None:
        """Cancel submitted tasks."""
        with suppress(Exception):  # a lost scheduler computes nothing
            self._client.cancel(futures)

    def renew(self) -> None:
        """Connect again to a lost scheduler.

        ExecutorLost if it does not return within ``wait`` seconds, DataError if it is another one.
        """
        self.say(f"{self.shown}: the connection to the scheduler is lost; trying for {self.wait:.0f} s.")
        deadline = time.monotonic() + self.wait
        self._leave()
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._connect(min(left, CLOSING))
            except DataError:
                time.sleep(RETRY)
                continue
            try:
                self._settle(max(deadline - time.monotonic(), RETRY))
            except OSError:
                self._leave()
                continue
            self.generation += 1
            self.say(f"{self.shown}: connected again.")
            return
        raise ExecutorLost(
            f"{self.shown}: the scheduler went away and did not come back within {self.wait:.0f} s; "
            "start it and repeat the command."
        )

    def _leave(self) -> None:
        if self._client is not None:
            with suppress(Exception):  # the scheduler is gone
                self._client.close(timeout=CLOSING)
            self._client = None

    def close(self) -> None:
        """Close the connection, and the processes that it started."""
        self._leave()
        if self._local is not None:
            with suppress(Exception):
                self._local.close(timeout=CLOSING)
            self._local = None


def library() -> ModuleType:
    """dask.distributed (ConfigError if it is not installed)."""
    try:
        import distributed
    except ImportError as error:
        raise ConfigError(
            f"--cluster needs a library that is not installed ({error.name}); run: pip install 'detente[cluster]'"
        ) from None
    return distributed
