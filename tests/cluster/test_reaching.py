"""Addresses that lead to no scheduler: one sentence, no traceback, and an end within the time that was given."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import distributed
import pytest
from click.testing import CliRunner
from detente.cli.app import application
from detente.engine.cluster.connection import Connection, within
from detente.engine.executors import ExecutorLost
from detente.shared.errors import ConfigError, DataError

Serve = Callable[[socket.socket], None]


def silent(client: socket.socket) -> None:
    """Accepts and says nothing."""


def garbage(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 3)


def noise(client: socket.socket) -> None:
    client.sendall(b"\xff" * 64)
    client.close()


def half(client: socket.socket) -> None:
    """The beginning of an answer."""
    client.sendall((1).to_bytes(8, "little"))


def hangs_up(client: socket.socket) -> None:
    client.close()


@pytest.fixture
def served() -> Iterator[Callable[[Serve], int]]:
    """served(behaviour): the port of a server on this computer that ends with the test."""
    listening: list[socket.socket] = []
    clients: list[socket.socket] = []

    def start(serve: Serve) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def accept() -> None:
            while True:
                try:
                    client, _ = server.accept()
                    clients.append(client)
                    serve(client)
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for one in (*listening, *clients):
        one.close()


def refused(address: str, error: type[Exception] = DataError, **security: Path) -> str:
    connection = Connection(address, security, 1, 1.0, lambda sentence: None)
    with pytest.raises(error) as caught:
        connection.open()
    sentence = str(caught.value)
    assert sentence.count("\n") == 0 and sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("serve", [silent, garbage, noise, half, hangs_up])
def test_a_server_that_is_no_scheduler_is_given_up(served: Callable[[Serve], int], serve: Serve) -> None:
    address = f"tcp://127.0.0.1:{served(serve)}"
    sentence = refused(address)
    assert sentence.startswith(f"{address}: no dask scheduler can be reached there (")
    if serve in (silent, half):
        assert "no answer within 1 s" in sentence
    elif serve in (garbage, noise):
        assert "what answers there is no dask scheduler" in sentence


def test_an_encrypted_connection_to_a_silent_server_is_given_up(served: Callable[[Serve], int], tmp_path: Path) -> None:
    temporary = distributed.Security.temporary()
    files = {"ca": temporary.tls_ca_file, "cert": temporary.tls_client_cert, "key": temporary.tls_client_key}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    security = {name: tmp_path / name for name in files}
    assert "no dask scheduler can be reached" in refused(f"tls://127.0.0.1:{served(silent)}", **security)


def test_a_worker_is_no_scheduler() -> None:
    options = {"processes": False, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "memory_limit": 0}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, protocol="tcp://", **options) as cluster:
        assert "no dask scheduler but a Worker" in refused(cluster.workers[0].address)


@pytest.mark.parametrize(
    "address",
    [
        *("", " ", "nowhere", "127.0.0.1:8786", "http://127.0.0.1:8786", "ws://a:1", "tcp://", "tcp://a", "tcp:/a:1"),
        *("tcp://a:0", "tcp://a:65536", "tcp://a:b", "tcp://a:1/x", "tcp://a b:1", "local:", "Local"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    assert "write it as tcp://HOST:PORT or tls://HOST:PORT, or local" in refused(address, ConfigError)


def test_encryption_without_certificates_names_the_options(tmp_path: Path) -> None:
    assert "add --cluster-ca and --cluster-cert, or" in refused("tls://127.0.0.1:1", ConfigError)
    (tmp_path / "ca.pem").write_text("no certificate")
    assert "add --cluster-cert, or" in refused("tls://127.0.0.1:1", ConfigError, ca=tmp_path / "ca.pem")
    both = {"ca": tmp_path / "ca.pem", "cert": tmp_path / "ca.pem"}
    assert "check the address and the certificates" in refused("tls://127.0.0.1:1", **both)


def test_the_command_ends_with_one_sentence(served: Callable[[Serve], int], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "detente", "run", "-n", "16", "--horizon", "1", "--no-report"]
    address = f"tcp://127.0.0.1:{served(silent)}"
    done = subprocess.run(
        [*command, "--cluster", address, "--cluster-wait", "1"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 4 and done.stdout == ""
    (error,) = (line for line in done.stderr.splitlines() if not line.startswith(("Connecting", "Solving")))
    assert error.startswith(f"Error: {address}: no dask scheduler can be reached there (no answer within 1 s)")


def test_an_empty_address_is_a_wrong_command(tmp_path: Path) -> None:
    done = CliRunner().invoke(application, ["run", "-n", "16", "--cluster", "", "-o", str(tmp_path)])
    assert done.exit_code == 2 and "is no address of a dask scheduler" in done.stderr


def test_a_scheduler_that_stops_answering_is_given_up() -> None:
    class Frozen:
        def nthreads(self) -> dict[str, int]:
            threading.Event().wait(30.0)
            return {}

    connection = Connection("tcp://127.0.0.1:1", {}, 1, 0.2, lambda sentence: None)
    connection._client = Frozen()
    with pytest.raises(ExecutorLost, match="has not answered for 0 s; start it again"):
        connection.threads()


def test_a_bounded_call_gives_its_result_or_its_error() -> None:
    assert within(30.0, lambda: 7) == 7
    with pytest.raises(KeyError, match="x"):
        within(30.0, lambda: {}["x"])
    with pytest.raises(TimeoutError):
        within(0.05, lambda: threading.Event().wait(30.0))
