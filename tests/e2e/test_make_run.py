"""`make run` as a process of its own: it opens, Ctrl-C ends it, and nothing of it is left. What make says before that."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.demo import __main__ as story
from local.install import progress
from local.packager.artifacts import ROOT
from local.running.run_file import write_run_file
from local.running.shop import LocalShop

# With the others that bring a whole shop up, so that no two compete for the machine.
pytestmark = pytest.mark.xdist_group("local_shop")

# `make run` gives up by itself when nothing happens any more, and says so; no clock of ours is needed for that.
CLOSED_SECONDS = 300
# local.run as it is, in a work folder of the test's own.
PROGRAM = """
import functools, pathlib, sys
import local.run
from local.running import open_shop
open_shop.LocalShop = functools.partial(open_shop.LocalShop, work=pathlib.Path(sys.argv[1]))
sys.exit(local.run.main())
"""
# Ctrl-C while the program is still being read.
EARLY = """
import signal, sys
import local.run
class Early:
    def find_spec(self, name, *_):
        if name.startswith("local.running"):
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Early())
sys.exit(local.run.main())
"""


@pytest.fixture
def running(tmp_path: Path, taken_port: int) -> Iterator[subprocess.Popen[str]]:
    """The process, started; killed with its group when the test has left it running."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PORT": str(taken_port)},
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


def test_ctrl_c_ends_everything(running: subprocess.Popen[str], tmp_path: Path, taken_port: int) -> None:
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
    assert "forgets everything" in said[0]
    assert any(f"port {taken_port} is taken" in line for line in said), said
    assert len(using(tmp_path)) > 1
    running.send_signal(signal.SIGINT)
    assert running.wait(CLOSED_SECONDS) == 0
    assert not (tmp_path / "run.json").exists()
    assert using(tmp_path) == []
    assert list(tmp_path.glob("stack-*")) == []


def test_an_early_ctrl_c_leaves_nothing_and_shows_no_traceback(running: subprocess.Popen[str], tmp_path: Path) -> None:
    assert running.stdout is not None
    assert "Ctrl-C ends it" in running.stdout.readline()
    running.send_signal(signal.SIGINT)
    rest = running.stdout.read()
    assert (running.wait(CLOSED_SECONDS), "Traceback" in rest) == (0, False), rest
    assert "ended before the shop was open" in rest
    assert using(tmp_path) == []
    assert list(tmp_path.glob("stack-*")) == []


def test_a_second_shop_of_a_folder_takes_its_own_files_away(tmp_path: Path) -> None:
    usual = tmp_path / "run.json"
    write_run_file(usual, {"pid": os.getppid()})
    second = LocalShop(work=tmp_path, port=0)
    write_run_file(second.run_file, {"pid": os.getpid()})
    second.config_file.touch()
    second.stop()
    assert [*tmp_path.iterdir()] == [usual]


def test_a_ctrl_c_while_the_program_is_read_shows_no_traceback() -> None:
    ended = subprocess.run([sys.executable, "-c", EARLY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "ended before the shop was open" in ended.stdout


@pytest.mark.parametrize(
    ("name", "given"),
    [("SHIP_AFTER", "abc"), ("SHIP_AFTER", "-1"), ("SHIP_AFTER", "nan"), ("PORT", "80"), ("PORT", "x")],
)
def test_a_wish_that_cannot_be_meant_is_one_line_with_its_value(name: str, given: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local.run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, name: given},
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"error: {name} is ")
    assert ended.stderr.endswith(f"you gave {given!r}\n")


def test_ctrl_c_in_the_story_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pressed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(story, "LocalShop", pressed)
    assert story.main() == 130
    assert "nothing of it is left" in capsys.readouterr().out


# --- what make says, in a folder where nothing is installed ---------------------------------------------------------------------


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}, **environment},
    )


def program_at(path: Path, says: str) -> None:
    """A program that only says one thing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n", "utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("has_sam", "given", "named"),
    [
        (False, ["SENDER=a@example.com"], "sam is not on PATH"),
        (True, [], "SENDER=orders@"),
        (True, ["SENDER=a@example.com", "STAGE=x"], "STAGE"),
    ],
)
def test_a_deployment_asks_for_what_it_needs_before_it_installs(
    tmp_path: Path, has_sam: bool, given: list[str], named: str
) -> None:
    # A PATH of our own: make, and sam or not.
    tools = tmp_path / "tools"
    program_at(tools / ("sam" if has_sam else "other"), "")
    (tools / "make").symlink_to(shutil.which("make") or "")
    ended = make(tmp_path, "deploy", *given, PATH=str(tools))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert named in ended.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(("says", "noted"), [("Python 3.13.1", True), ("Python 3.11.7", False)])
def test_another_python_than_the_one_of_venv_is_noted(tmp_path: Path, says: str, noted: bool) -> None:
    program_at(tmp_path / ".venv" / "bin" / "python", "Python 3.11.7")
    program_at(tmp_path / "other", says)
    ended = make(tmp_path, "same-python", "PYTHON=./other")
    assert (ended.returncode, "PYTHON=./other is Python 3.13.1" in ended.stderr) == (0, noted)


def test_the_install_shows_how_far_it_is() -> None:
    said = [
        "Collecting boto3==1.43.106 (from -r requirements/local.txt (line 94))",
        "  Using cached boto3-1.43.106-py3-none-any.whl (139 kB)",
        "Processing /wheels/python_dateutil-2.9.0.post0-py2.py3-none-any.whl (from -r requirements/local.txt (line 7))",
        "Ignoring colorama: markers 'sys_platform == \"win32\"' don't match your environment",
        "Requirement already satisfied: certifi==2026.10.18 in ./.venv/lib (from -r requirements/local.txt (line 9))",
        "Requirement already satisfied: certifi in ./.venv/lib (from requests==3->-r requirements/local.txt (line 10))",
        "Installing collected packages: boto3",
    ]
    assert list(progress(said, 4)) == [
        "1 of 4: boto3",
        "2 of 4: python_dateutil",
        "3 of 4: colorama",
        "4 of 4: certifi",
        "4 of 4: unpacking, which takes longest",
    ]
