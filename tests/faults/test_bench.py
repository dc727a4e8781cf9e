"""Disturbed batches: nothing visible is ever corrupted, nothing finished is lost, and the same command ends in the
bytes of an undisturbed folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).with_name("bench.py")
FEWEST = 200


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the bench forks its children")
def test_no_disturbance_of_a_batch_corrupts_or_loses_anything(tmp_path, capsys):
    processes = min(os.cpu_count() or 1, 4)
    commands = [
        [sys.executable, str(BENCH), str(tmp_path / str(share)), str(share), str(processes)]
        for share in range(processes)
    ]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands
    ]
    answers = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * processes, "".join(error for _, error in answers)[
        -4_000:
    ]
    found = [json.loads(out) for out, _ in answers]
    done: dict[str, int] = {}
    for one in found:
        for kind, number in one["done"].items():
            done[kind] = done.get(kind, 0) + number
    with capsys.disabled():
        listed = ", ".join(f"{number} {kind}" for kind, number in done.items())
        last = found[0]["first_seed"] + sum(done.values()) - 1
        seeds = f"seeds {found[0]['first_seed']} to {last}, {found[0]['calls']} calls to the disk"
        print(f"\n{sum(done.values())} disturbed batches ({listed}); {seeds}")
    assert [failure for one in found for failure in one["failures"]] == []
    assert sum(done.values()) >= FEWEST
