"""The whole stack on this machine as one object: start, use, stop."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from local.packager.artifacts import ROOT, logical_prefix
from local.stack.deploy import deploy
from local.stack.emulator import REGION, Emulator, bare_python
from local.stack.errors import StackError
from local.stack.home import StackHome

_ANSWER_SECONDS = 300
_LOG_TRIES = 50
# Lines of the platform itself, which every call has.
_PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ")
_COMPLAINTS = ('"level":"ERROR"', '"level":"WARNING"', '"level":"CRITICAL"', "Traceback", "timed out", "Error:")


@dataclass(frozen=True)
class LogLine:
    """One line that a function wrote. `at` is milliseconds since 1970."""

    at: int
    function: str
    text: str


class Stack:
    """A local AWS with the real template in it. A context manager: leaving it ends everything that it started.

    `root` holds template.yaml, functions/ and layers/; `work` is where state goes, and builds too where `packages` names no
    other folder. With `auth` every function may do exactly what its own role allows; what `client` gives is the account
    itself, which may do everything.
    """

    def __init__(
        self,
        *,
        root: Path = ROOT,
        work: Path | None = None,
        packages: Path | None = None,
        name: str = "orderwright",
        auth: bool = False,
    ) -> None:
        self.root = root
        self.work = (work or ROOT / ".orderwright").resolve()
        self.packages = packages or self.work / "build" / "host"
        self.name = name
        self.auth = auth
        self.outputs: dict[str, str] = {}
        self._home: StackHome | None = None
        self._emulator: Emulator | None = None
        self._session = botocore.session.Session()
        self._clients: dict[str, Any] = {}
        # A session is not made for several threads at once; the clients are.
        self._making = threading.Lock()

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, sender_address: str = "orders@shop.example", log_level: str = "INFO") -> dict[str, str]:
        """Starts, builds, deploys; returns the template's outputs. On failure nothing is left running.

        `ApiUrl` among them is the base address: webhooks go to ApiUrl + `/webhooks/<connection>`.

        Raises StackError or PackageError, whose text is for the person at the terminal.
        """
        if self._emulator is not None:
            raise StackError("this stack is already started")
        self._home = StackHome(self.work)
        self._emulator = Emulator(self._home, bare_python(self.work), auth=self.auth)
        parameters = {"Stage": "local", "Profile": "local", "SenderAddress": sender_address, "LogLevel": log_level}
        try:
            self._emulator.start()
            self.outputs = deploy(self.client, self.root, self.packages, self.name, parameters)
            # The host name in the template's own answer is one that only AWS's name servers know.
            self.outputs["ApiUrl"] = f"{self.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/$default"
        except BaseException:
            self.stop()
            raise
        return self.outputs

    def stop(self) -> None:
        """Ends the emulator and all functions and deletes their state. May be called twice."""
        if self._emulator is not None:
            self._emulator.stop()
        if self._home is not None:
            self._home.drop()
        self._emulator = self._home = None
        self._clients.clear()

    @property
    def endpoint(self) -> str:
        """Address of the local AWS. Raises StackError before start()."""
        if self._emulator is None:
            raise StackError("the stack is not started")
        return self._emulator.url

    @property
    def pid(self) -> int:
        """Process id of the local AWS. Raises StackError before start()."""
        if self._emulator is None:
            raise StackError("the stack is not started")
        return self._emulator.pid

    def client(self, service: str) -> Any:
        """A botocore client of the local AWS, without retries; made once, since making one takes longer than a call."""
        if service not in self._clients:
            with self._making:
                self._clients.setdefault(service, self._made_client(service))
        return self._clients[service]

    def _made_client(self, service: str) -> Any:
        return self._session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                retries={"total_max_attempts": 1},
                # On a busy machine a function may take its time: its own time-out ends it, not this.
                read_timeout=_ANSWER_SECONDS,
                max_pool_connections=32,
                s3={"addressing_style": "path"},
            ),
        )

    def invoke(self, folder: str, event: dict[str, Any]) -> Any:
        """Calls the function of functions/<folder> and waits. Returns its answer; raises StackError when it fails."""
        answer = self.client("lambda").invoke(FunctionName=f"{self.name}-{folder}", Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise StackError(f"{folder} failed: {payload.get('errorMessage', payload)}")
        return payload

    def queue_url(self, folder: str, *, dead_letters: bool = False) -> str:
        """URL of the queue that functions/<folder> takes from, or of its dead letters."""
        return self.outputs[f"{logical_prefix(folder)}{'DeadLetterQueue' if dead_letters else 'Queue'}Url"]

    def logs(self, folder: str | None = None, since: int = 0) -> list[LogLine]:
        """What functions wrote at or after `since` (milliseconds since 1970), oldest first; one function's or all."""
        client = self.client("logs")
        prefix = f"/aws/lambda/{self.name}-"
        lines = []
        for group in (found["logGroupName"] for found in self._log_groups(prefix + (folder or ""))):
            function = group.removeprefix(prefix)
            if folder in (None, function):
                for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
                    lines += [
                        LogLine(event["timestamp"], function, event["message"].rstrip()) for event in page["events"]
                    ]
        return sorted(lines, key=lambda line: line.at)

    def _log_groups(self, prefix: str) -> list[dict[str, Any]]:
        for _ in range(_LOG_TRIES):
            try:
                found: list[dict[str, Any]] = self.client("logs").describe_log_groups(logGroupNamePrefix=prefix)[
                    "logGroups"
                ]
            except ClientError as error:
                # The emulator counts bytes while functions write, and fails where they write just then.
                if error.response["Error"]["Code"] != "InternalError":
                    raise
            else:
                return found
        raise StackError("the local AWS cannot list its logs, though it was asked again and again")

    def log_sizes(self) -> dict[str, int]:
        """Folder name -> characters that the function has written so far: one cheap call that shows who is at work."""
        prefix = f"/aws/lambda/{self.name}-"
        groups = self._log_groups(prefix)
        return {group["logGroupName"].removeprefix(prefix): group["storedBytes"] for group in groups}

    def last_words(self, since: int = 0, lines: int = 6) -> str:
        """What functions complained of at or after `since` (milliseconds since 1970); without a complaint, their last lines."""
        said = [line for line in self.logs(since=since) if not line.text.startswith(_PLATFORM)]
        bad = [line for line in said if any(word in line.text for word in _COMPLAINTS)]
        if not said:
            return "no function has written anything since"
        title = "what functions complained of:" if bad else "no function complained; their last lines:"
        return "\n".join([title, *(f"  {line.function}: {line.text[:400]}" for line in (bad or said)[-lines:])])

    def function_pids(self) -> dict[str, list[int]]:
        """Folder name -> process ids of its warm processes. Linux only: it reads /proc."""
        if self._emulator is None:
            return {}
        found: dict[str, list[int]] = {}
        marker = f"AWS_LAMBDA_FUNCTION_NAME={self.name}-".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            # A process may end between being listed and being read.
            with suppress(OSError):
                if os.getpgid(int(entry.name)) != self._emulator.pid:
                    continue
                for variable in (entry / "environ").read_bytes().split(b"\0"):
                    if variable.startswith(marker):
                        found.setdefault(variable.removeprefix(marker).decode(), []).append(int(entry.name))
        return found
