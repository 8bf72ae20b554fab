"""`make run` as a process of its own: it opens, Ctrl-C ends it, and nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.packager.artifacts import ROOT

# With the others that bring a whole shop up, so that no two compete for the machine.
pytestmark = pytest.mark.xdist_group("local_shop")

# `make run` gives up by itself when nothing happens any more, and says so; no clock of ours is needed for that.
CLOSED_SECONDS = 300
# local.run as it is, in a work folder of the test's own.
PROGRAM = """
import functools, pathlib, sys
import local.run
local.run.LocalShop = functools.partial(local.run.LocalShop, work=pathlib.Path(sys.argv[1]), port=0)
sys.exit(local.run.main())
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The process, started; killed with its group when the test has left it running."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def using(folder: Path) -> list[int]:
    """Processes whose command line or environment names a folder; the emulator's and the functions' do."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told:
            found.append(int(entry.name))
    return found


def test_ctrl_c_ends_everything(running: subprocess.Popen[str], tmp_path: Path) -> None:
    assert running.stdout is not None
    said = []
    for line in running.stdout:
        said.append(line)
        if "Your shop is open" in line:
            break
    assert said, "nothing was said"
    assert "Your shop is open" in said[-1], said
    told: dict[str, Any] = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert told["sandbox_url"] in said[-1]
    assert len(using(tmp_path)) > 1
    running.send_signal(signal.SIGINT)
    assert running.wait(CLOSED_SECONDS) == 0
    assert not (tmp_path / "run.json").exists()
    assert using(tmp_path) == []
    assert list(tmp_path.glob("stack-*")) == []
