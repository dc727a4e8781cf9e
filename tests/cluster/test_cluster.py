"""Runs on a cluster: the same bytes as on threads, whoever goes away in the middle."""

import builtins
import hashlib
import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import detente
import distributed
import numpy as np
import pytest
from click.testing import CliRunner
from detente.cli.app import application
from detente.config import loader
from detente.engine import simulate
from detente.engine.chunks import Worker
from detente.engine.cluster import Cluster, client, wire, worker
from detente.engine.executors import ExecutorLost
from detente.engine.state import lineage
from detente.runs import runner
from detente.shared.errors import ConfigError, DataError

FILES = ("summary.parquet", "summary.csv", "events.parquet", "paths.parquet")
SIZE = dict(paths=30_000, horizon=6)
CERTIFICATES = ("--cluster-ca", __file__, "--cluster-cert", __file__)
"""Files that are no certificates."""


def hashes(run: "detente.Run") -> dict[str, str]:
    return {name: hashlib.sha256((run.folder / name).read_bytes()).hexdigest() for name in FILES}


@pytest.fixture(scope="module")
def by_threads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the files of a run on two threads."""
    return hashes(
        runner.run(loader.load("baseline", **SIZE), output=tmp_path_factory.mktemp("threads"), jobs=2, keep_paths=3_000)
    )


@pytest.fixture
def run_on(tmp_path: Path) -> Callable[..., "detente.Run"]:
    """run_on(executor, **options): the same run, computed by an executor, in a results folder of the test's own."""
    return lambda executor, **options: runner.run(
        loader.load("baseline", **SIZE), output=tmp_path / "results", executor=executor, keep_paths=3_000, **options
    )


@contextmanager
def threads_cluster(port: int = 0, protocol: str = "tcp://", **security) -> Iterator[distributed.LocalCluster]:
    """A scheduler and a worker of one thread, in this process but reached over the network."""
    options = (
        dict(
            n_workers=1, threads_per_worker=1, processes=False, protocol=protocol, host="127.0.0.1", scheduler_port=port
        )
        | security
    )
    with distributed.LocalCluster(
        **options, dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=logging.CRITICAL
    ) as cluster:
        yield cluster


def after(chunks: int, act):
    """A progress function that acts once, when so many chunks are merged."""
    calls = []

    def progress(done: int, of: int) -> None:
        calls.append(done)
        if len(calls) == chunks:
            act()

    return progress


@pytest.fixture(scope="module")
def processes():
    """A scheduler and two worker processes of one thread each."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", memory_limit=0
    ) as cluster:
        yield cluster


def test_a_killed_and_a_restarted_worker_leave_no_trace(processes, by_threads, run_on):
    with distributed.Client(processes, set_as_default=False) as observer:
        before = observer.run(os.getpid)
        (_, pid), (restarted, _) = before.items()

        def disturb() -> None:
            os.kill(pid, signal.SIGKILL)
            observer.restart_workers([restarted], timeout=60)

        with Cluster(processes.scheduler_address) as executor:
            run = run_on(executor, progress=after(2, disturb))
        observer.wait_for_workers(2, timeout=60)
        assert not set(observer.run(os.getpid).values()) & set(before.values())
    assert hashes(run) == by_threads
    assert not list(run.folder.parent.glob(".*.checkpoint"))


def test_the_command_runs_on_a_cluster(processes, by_threads, tmp_path):
    arguments = ["run", "-n", "30000", "--horizon", "6", "--keep-paths", "3000", "--no-report", "-o", str(tmp_path)]
    done = CliRunner().invoke(application, [*arguments, "--cluster", processes.scheduler_address])
    assert done.exit_code == 0, done.output
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    from detente.runs.run import load

    assert hashes(load(folder)) == by_threads
    assert f"threads of {processes.scheduler_address}" in done.stderr


def test_exact_quantiles_come_over_the_wire(processes, tmp_path):
    made = simulate.plan(loader.load("baseline", paths=5_000, horizon=2), keep_paths=4_500, exact=True)
    expected = simulate.simulate(made, jobs=1)
    with Cluster(processes.scheduler_address) as executor:
        found = simulate.simulate(made, executor=executor)
    assert found.exact.tobytes() == expected.exact.tobytes()
    assert found.path_values.tobytes() == expected.path_values.tobytes()
    assert found.counts.tobytes() == expected.counts.tobytes()


def test_processes_of_this_computer(by_threads, run_on):
    with Cluster("local", jobs=1) as executor:
        assert executor.described == "1 process"
        assert hashes(run_on(executor)) == by_threads


def test_a_scheduler_that_comes_back_is_used_again(by_threads, run_on):
    said = []
    with ExitStack() as stack:
        first = ExitStack()
        cluster = first.enter_context(threads_cluster())
        address = cluster.scheduler_address

        def restart() -> None:
            first.close()
            stack.enter_context(threads_cluster(int(address.rpartition(":")[2])))

        with Cluster(address, say=said.append) as executor:
            run = run_on(executor, progress=after(2, restart))
    assert hashes(run) == by_threads
    assert any("connection to the scheduler is lost" in sentence for sentence in said)
    assert "connected again" in said[-1]


@pytest.mark.parametrize("damage", [False, True], ids=["sound", "damaged"])
def test_a_run_cut_off_goes_on_where_it_was(by_threads, run_on, tmp_path, damage):
    """The scheduler goes away for good: a sentence, exit code 4, and the next run has the rest to do only, unless
    what was saved is damaged."""
    gone = ExitStack()
    cluster = gone.enter_context(threads_cluster())
    with (
        gone,
        Cluster(cluster.scheduler_address, wait=1) as executor,
        pytest.raises(ExecutorLost, match=r"(did not come back within 1 s|has not answered for 1 s)") as caught,
    ):
        run_on(executor, progress=after(3, gone.close))
    assert caught.value.exit_code == 4
    (saved,) = (tmp_path / "results").glob(".*.checkpoint")
    assert [path for path in (tmp_path / "results").iterdir() if path.is_dir()] == [saved]
    if damage:
        (events,) = saved.glob("events-*")
        content = bytearray(events.read_bytes())
        content[1_000] ^= 1
        events.write_bytes(content)
    done = []
    with threads_cluster() as another, Cluster(another.scheduler_address) as executor:
        run = run_on(executor, progress=lambda paths, of: done.append(paths))
    assert hashes(run) == by_threads
    assert done[0] <= 4_096 if damage else done[0] > 12_288
    assert not saved.exists()


def test_a_worker_that_leaves_for_good_is_waited_for_and_then_given_up(run_on):
    given_up = pytest.raises(ExecutorLost, match="all workers are gone and none came back within 1 s")
    with threads_cluster() as cluster, Cluster(cluster.scheduler_address, wait=1) as executor, given_up:
        run_on(executor, progress=after(1, lambda: cluster.scale(0)))


def test_other_versions_are_refused(monkeypatch):
    main, real = threading.main_thread(), platform.python_version_tuple
    monkeypatch.setattr(
        platform, "python_version_tuple", lambda: real() if threading.current_thread() is main else ("3", "9", "1")
    )
    with (
        threads_cluster() as cluster,
        pytest.raises(DataError, match=r"other versions \(Python 3\.9 there and .* here\); install the same détente"),
    ):
        Cluster(cluster.scheduler_address).__enter__()


def test_encrypted_with_certificates_from_files(by_threads, run_on, tmp_path):
    temporary = distributed.Security.temporary()
    security = {"ca": tmp_path / "ca.pem", "cert": tmp_path / "cert.pem", "key": tmp_path / "key.pem"}
    for name, content in zip(
        security, (temporary.tls_ca_file, temporary.tls_client_cert, temporary.tls_client_key), strict=True
    ):
        security[name].write_text(content)
    with threads_cluster(protocol="tls://", security=temporary) as cluster:
        assert cluster.scheduler_address.startswith("tls://")
        with Cluster(cluster.scheduler_address, security=security) as executor:
            assert hashes(run_on(executor)) == by_threads
        with pytest.raises(ConfigError, match="add --cluster-ca and --cluster-cert"):
            Cluster(cluster.scheduler_address, wait=1).__enter__()
        swapped = security | {"key": security["ca"]}
        with pytest.raises(DataError, match="check the address and the certificates"):
            Cluster(cluster.scheduler_address, security=swapped, wait=1).__enter__()


def ordered(**changes) -> tuple[simulate.Plan, dict]:
    made = simulate.plan(loader.load("baseline", paths=3_000, horizon=2), keep_paths=10)
    return made, wire.order(
        wire.compress(made.config.to_toml()), lineage(made), made.keep, made.exact, worker.versions()
    ) | changes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"versions": {"détente": "0"}, "digest": "a"}, "this worker has other versions"),
        ({"lineage": "0" * 64, "digest": "b"}, "reads the configuration differently"),
    ],
)
def test_a_worker_that_joins_late_is_checked_too(changes, sentence):
    with pytest.raises(DataError, match=sentence):
        worker.compute(ordered(**({"versions": worker.versions()} | changes))[1], 0, 1)


def test_an_answer_is_the_chunk_that_was_ordered():
    made, order = ordered()
    content = worker.compute(order, 0, 2)
    chunk = wire.chunk_from_arrays(wire.unpack(content), made, 0, 2)
    expected = Worker(made).run_alone(0, 2)
    assert np.array_equal(chunk.events, expected.events, equal_nan=True)
    assert all(np.array_equal(a, b) for a, b in zip(chunk.cells, expected.cells, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(chunk.partials[0].sums, expected.partials[0].sums, strict=True))
    with pytest.raises(ValueError, match="another shape"):
        wire.chunk_from_arrays(wire.unpack(content), made, 0, 1)
    with pytest.raises(ValueError, match="another chunk"):
        wire.chunk_from_arrays(wire.unpack(content) | {"span": np.array([1, 2])}, made, 0, 2)


def test_a_damaged_answer_is_refused():
    content = bytearray(worker.compute(ordered()[1], 0, 1))
    for place in np.random.default_rng(1).integers(0, len(content), 10):
        changed = bytearray(content)
        changed[int(place)] ^= 1
        with pytest.raises(ValueError, match="no arrays"):
            wire.unpack(bytes(changed))
    with pytest.raises(ValueError, match="no arrays"):
        wire.unpack(bytes(content[: len(content) // 2]))


def test_an_error_of_a_worker_is_one_of_the_run(processes, monkeypatch):
    monkeypatch.setattr(wire, "compress", lambda text: b"no text")
    made = simulate.plan(loader.load("baseline", paths=3_000, horizon=2), keep_paths=0)
    with Cluster(processes.scheduler_address) as executor, pytest.raises(DataError, match="a chunk failed on a worker"):
        simulate.simulate(made, executor=executor)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--cluster", "tcp://127.0.0.1:1", "--cluster-wait", "1"], 4, "no dask scheduler can be reached there"),
        (["--cluster-wait", "0"], 2, "the minimum is 1"),
        (["--cluster-ca", __file__], 2, "need --cluster"),
        (["--cluster", "tcp://127.0.0.1:1", "--cluster-ca", __file__], 2, "write tls:// instead of tcp://"),
        (
            ["--cluster", "tls://127.0.0.1:1", "--cluster-ca", "nothing.pem"],
            4,
            "nothing.pem: no certificate or key file with this name",
        ),
        (
            ["--cluster", "tls://127.0.0.1:1", *CERTIFICATES, "--cluster-wait", "1"],
            4,
            "check the address and the certificates",
        ),
    ],
)
def test_what_cannot_be_used_is_said(arguments, code, sentence, tmp_path):
    done = CliRunner().invoke(
        application, ["run", "-n", "2048", "--horizon", "2", "--no-report", "-o", str(tmp_path), *arguments]
    )
    assert done.exit_code == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_a_sentence_says_how_to_get_it(monkeypatch, tmp_path):
    real = builtins.__import__

    def missing(name, *rest):
        if name == "distributed":
            raise ImportError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "distributed")
    done = CliRunner().invoke(
        application, ["run", "-n", "2048", "--horizon", "2", "--no-report", "-o", str(tmp_path), "--cluster", "local"]
    )
    assert done.exit_code == ConfigError.exit_code
    assert "pip install 'detente[cluster]'" in done.stderr


def test_chunks_are_large_but_leave_every_thread_some():
    made = simulate.plan(loader.load("baseline", paths=2_000_000, horizon=2), keep_paths=0)
    assert client.chunk_units(made, 2) == 64
    assert client.chunk_units(made, 16) == 8
    assert client.chunk_units(made, 10_000) == 1
    exact = simulate.plan(loader.load("baseline", paths=100_000, horizon=36), keep_paths=0, exact=True)
    assert client.chunk_units(exact, 1) <= 4
