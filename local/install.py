"""Install a lock of requirements/ into .venv, and show how far it is: `python -m local.install FILE [options of pip]`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes")
# What pip says of each line of the file: fetched, found as a file, there already, or for other machines.
ONE_DONE = re.compile(
    r"(?:Collecting|Processing|Requirement already satisfied:|Ignoring) (?:\S*/)?([\w.-]*?\w)(?:-\d|==|[:,\s])"
)
UNPACKING = "Installing collected packages"
EVERY = 10


def progress(said: Iterable[str], total: int) -> Iterator[str]:
    """Each of pip's lines that is a step, as a short text: "12 of 38: boto3"."""
    done = 0
    for line in said:
        if line.startswith(UNPACKING):
            yield f"{total} of {total}: unpacking, which takes longest"
        elif done < total and (found := ONE_DONE.match(line)):
            done += 1
            yield f"{done} of {total}: {found[1]}"


def main(lock: str, *options: str) -> int:
    """Pip's own exit code. What it said is shown where it failed."""
    total = len(re.findall(r"^[a-z0-9][\w.\[\]-]*==", Path(lock).read_text("utf-8"), re.MULTILINE))
    print(f"installing {total} package{'s' * (total != 1)} of {lock} into .venv ...", flush=True)
    terminal = sys.stdout.isatty()
    command = (*PIP, *options, "--requirement", lock)
    said: list[str] = []
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
            assert pip.stdout is not None
            for number, step in enumerate(progress(_kept(pip.stdout, said), total), 1):
                if terminal:
                    print(f"\r\x1b[K  {step}", end="", flush=True)
                elif number % EVERY == 0 or "unpacking" in step:
                    print(f"  {step}", flush=True)
    except KeyboardInterrupt:
        # Pip had the same Ctrl-C. The next make goes on where this one ended.
        return 130
    finally:
        if terminal:
            print("\r\x1b[K", end="", flush=True)
    if pip.returncode:
        sys.stderr.writelines(said)
        print(f"error: the packages of {lock} could not be installed; pip's words are above", file=sys.stderr)
    return pip.returncode


def _kept(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
