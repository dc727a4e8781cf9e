"""A connection to a dask scheduler: opened, checked and, when lost, opened again. Each error is one sentence.

dask waits without end for a server that accepts a connection and never answers. Every step is therefore bounded here:
a first exchange with the scheduler before a client is made, and then each call of the client.
"""

import asyncio
import logging
import re
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar
from uuid import uuid4

from detente.engine.cluster import worker
from detente.engine.executors import ExecutorLost
from detente.shared.errors import ConfigError, DataError
from detente.shared.messages import quoted

LOCAL = "local"
FRESH = 2.0
"""Seconds for which the number of workers is cached."""
RETRY = 0.5
CLOSING = 5.0
"""Seconds that a client may take to close."""
GRACE = 2.0
"""Seconds beyond its time limit after which a call of dask is given up."""
CHECKING = 15.0
"""Least seconds for the comparison of versions, for which workers import the model."""
ADDRESS = re.compile(r"(tcp|tls)://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})/?")
LOGGERS = ("distributed", "distributed.client", "distributed.comm", "distributed.core", "tornado", "asyncio")
Result = TypeVar("Result")


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
        if self.address != LOCAL:
            self._check_address()
        for name in LOGGERS:  # errors are reported here, in one sentence
            logging.getLogger(name).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", category=distributed.versions.VersionMismatchWarning)
        try:
            if self.address == LOCAL:
                self._start_local(distributed)
            else:
                self.say(f"Connecting to {self.address} …")
            deadline = time.monotonic() + self.wait
            self._connect(self.wait)
            self._settle(max(deadline - time.monotonic(), RETRY))
        except BaseException:
            self.close()
            raise

    def _check_address(self) -> None:
        """Refuse an address that dask cannot have, or certificates that do not fit it (ConfigError, DataError)."""
        form = "write it as tcp://HOST:PORT or tls://HOST:PORT, or local for processes on this computer"
        matched = ADDRESS.fullmatch(self.address)
        if matched is None or not 0 < int(matched[2]) < 65_536:
            raise ConfigError(f"--cluster {quoted(self.address)} is no address of a dask scheduler; {form}.")
        if self.security and matched[1] == "tcp":
            raise ConfigError(
                f"{self.address}: certificates need an encrypted connection; write tls:// instead of tcp://."
            )
        for path in self.security.values():
            if not path.is_file():
                raise DataError(f"{path}: no certificate or key file with this name.")
        if matched[1] == "tls":
            known = self._credentials(library())
            missing = [
                f"--cluster-{name}"
                for name, value in (("ca", known.tls_ca_file), ("cert", known.tls_client_cert))
                if not value
            ]
            if missing:
                raise ConfigError(
                    f"{self.address}: an encrypted connection needs certificates; "
                    f"add {' and '.join(missing)}, or name them in dask's configuration."
                )

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
        deadline = time.monotonic() + seconds
        try:
            if self._local is not None:
                target, security = self._local, self._local.security
            else:
                target, security = self.address, self._credentials(distributed)
                within(seconds + GRACE, lambda: asyncio.run(answers(self.address, security, seconds)))
            left = max(deadline - time.monotonic(), RETRY)
            self._client = within(
                left + GRACE,
                lambda: distributed.Client(
                    target, security=security, timeout=left, set_as_default=False, name="detente"
                ),
            )
        except Exception as error:
            reason = " ".join(str(error).split())[:200] or f"no answer within {seconds:.0f} s"
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
        limit = max(seconds, CHECKING)
        try:
            here = worker.versions()
            within(limit, lambda: self._check(here))
        except TimeoutError:
            raise DataError(
                f"{self.shown}: the cluster did not answer within {limit:.0f} s; "
                "restart its scheduler and workers and repeat the command."
            ) from None
        self._threads = (0.0, 0)
        self._empty_since = None

    def _check(self, here: dict[str, str]) -> None:
        """Check that all processes can import the package, in the same versions as ``here``.

        Versions are those that decide the bits.
        """
        install = "install the same détente there, with the extra: pip install 'detente[cluster]'."
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
        try:
            number = sum(within(self.wait, self._client.nthreads).values())
        except TimeoutError:
            raise ExecutorLost(
                f"{self.shown}: the scheduler has not answered for {self.wait:.0f} s; "
                "start it again and repeat the command."
            ) from None
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
            within(CLOSING, lambda: self._client.cancel(futures))

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
            client = self._client
            with suppress(Exception):  # the scheduler is gone
                within(CLOSING + GRACE, lambda: client.close(timeout=CLOSING))
            self._client = None

    def close(self) -> None:
        """Close the connection, and the processes that it started."""
        self._leave()
        if self._local is not None:
            with suppress(Exception):
                self._local.close(timeout=CLOSING)
            self._local = None


async def answers(address: str, security: Any, seconds: float) -> None:
    """Ask a scheduler who it is, on a connection of its own (OSError if nobody or something else answers)."""
    from distributed.comm.core import connect

    async def ask() -> Any:
        options = security.get_connection_args("client") if security is not None else {}
        comm: Any = await connect(address, timeout=seconds, **options)  # type: ignore[no-untyped-call]
        try:
            await comm.write({"op": "identity", "reply": True})
            return await comm.read()
        finally:
            comm.abort()

    try:
        answer = await asyncio.wait_for(ask(), seconds)
    except TimeoutError:
        raise OSError(f"no answer within {seconds:.0f} s") from None
    except OSError:
        raise
    except Exception as error:
        raise OSError("what answers there is no dask scheduler") from error
    if not isinstance(answer, dict) or answer.get("type") != "Scheduler":
        kind = str(answer.get("type", ""))[:40] if isinstance(answer, dict) else ""
        raise OSError(f"what answers there is no dask scheduler{f' but a {kind}' if kind else ''}")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """The result of a call (TimeoutError when it takes longer; its thread is then left to itself)."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="detente-cluster", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:.0f} s")
    if errors:
        raise errors[0]
    return results[0]


def library() -> ModuleType:
    """dask.distributed (ConfigError if it is not installed)."""
    try:
        import distributed
    except ImportError as error:
        raise ConfigError(
            f"--cluster needs a library that is not installed ({error.name}); run: pip install 'detente[cluster]'"
        ) from None
    return distributed
