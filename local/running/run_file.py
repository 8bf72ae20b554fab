"""`.orderwright/run.json`: where everything of the running shop is, for the command line and for anyone's own scripts."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from local.cli.target import from_outputs
from local.stack import Stack
from local.stack.emulator import REGION


def run_facts(stack: Stack, sandbox_url: str, connections: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The file's content."""
    target = from_outputs(stack.name, REGION, stack.outputs, "local")
    return {
        "pid": os.getpid(),
        **asdict(replace(target, endpoint_url=stack.endpoint)),
        "sandbox_url": sandbox_url,
        "mail_events_topic": stack.outputs["MailEventsTopicArn"],
        "connections": connections,
    }


def owner_of(path: Path) -> int | None:
    """The process that a run file belongs to; None when there is none, or nobody can read it."""
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_run_file(work: Path) -> Path:
    """run.json, or a name of our own while another shop of this checkout is open."""
    usual = work / "run.json"
    owner = owner_of(usual)
    if owner is None or owner == os.getpid() or not _lives(owner):
        return usual
    return work / f"run-{os.getpid()}.json"


def write_run_file(path: Path, facts: dict[str, Any]) -> None:
    """Readable by its owner only: it names the sandbox's webhook secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o600)
