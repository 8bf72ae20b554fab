"""The local AWS as a process of ours: started bare, waited for, stopped by its own id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from contextlib import suppress
from pathlib import Path

from local.stack import emulator_main
from local.stack.errors import StackError
from local.stack.home import StackHome

REGION = "us-east-1"
# It is ready within a second; on a busy machine its process only has to live on.
_START_SECONDS = 300.0
_STOP_SECONDS = 5.0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Emulator:
    """One emulator process. `url` is its address once start() has returned.

    `auth` True makes it refuse what the caller's role does not allow, as AWS does.
    """

    def __init__(self, home: StackHome, bare_python: Path, *, auth: bool = False) -> None:
        self._home = home
        self._bare_python = bare_python
        self._auth = auth
        self._process: subprocess.Popen[bytes] | None = None
        self.log_path = home.path / "emulator.log"
        self.url = ""

    @property
    def pid(self) -> int:
        """Process id; the functions' processes are its children. Raises StackError when it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise StackError(f"the local AWS is not running; see {self.log_path}")
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers. Another port is taken when somebody is quicker. Raises StackError."""
        for _ in range(3):
            if self._start_on(free_port()):
                return
        raise StackError(f"the local AWS did not start; its last words:\n{self.last_words()}")

    def stop(self) -> None:
        """Ends the emulator and its functions. Does nothing when it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        # Its session is its own, so the group is exactly what it started.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log_path.read_text("utf-8", "replace")[-2000:] if self.log_path.exists() else ""

    def _start_on(self, port: int) -> bool:
        packages = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bare_python), emulator_main.__file__, *packages],
                cwd=self._home.path,
                env=self._environment(port),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _environment(self, port: int) -> dict[str, str]:
        # Functions inherit this, so there is nothing in it of the developer's own settings, proxies or credentials.
        return {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(self._home.folder("tmp")),
            "TMPDIR": str(self._home.folder("tmp")),
            "STATE_DIR": str(self._home.folder("state")),
            "S3_DATA_DIR": str(self._home.folder("s3")),
            "AUTH": str(self._auth).lower(),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            # A process of a function is started once and kept: starting it is what costs.
            "LAMBDA_WARM_TTL_SECONDS": str(7 * 24 * 3600),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }


def bare_python(folder: Path) -> Path:
    """An interpreter like this one without any package, made in `folder` when it is not there."""
    program = folder / f"python-{sysconfig.get_python_version()}" / "bin" / "python"
    if not program.exists():
        venv.EnvBuilder(symlinks=True, with_pip=False).create(program.parents[1])
    done = subprocess.run([str(program), "-c", "import sys; print(sys.version)"], capture_output=True, check=False)
    if done.returncode != 0 or done.stdout.decode().strip() != sys.version:
        venv.EnvBuilder(symlinks=True, with_pip=False, clear=True).create(program.parents[1])
    return program
