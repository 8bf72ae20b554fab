"""Install a lock of requirements/ into .venv, and show how far it is: `python -m local.install FILE [options of pip]`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes")
# What pip says of each line of the file, whether it is fetched, there already, or for other machines.
ONE_DONE = re.compile(r"(?:Collecting|Requirement already satisfied:|Ignoring) ([\w.-]+)")
UNPACKING = "Installing collected packages"
EVERY = 10


def progress(said: Iterable[str], total: int) -> Iterator[str]:
    """Each of pip's lines that is a step, as a short text: "12 of 38: boto3"."""
    done = 0
    for line in said:
        if line.startswith(UNPACKING):
            yield f"{total} of {total}: unpacking, the longest part"
        elif done < total and (found := ONE_DONE.match(line)):
            done += 1
            yield f"{done} of {total}: {found[1]}"


def main(lock: str, *options: str) -> int:
    """Pip's own exit code. Its complaints go to standard error as they come."""
    total = len(re.findall(r"^[a-z0-9][\w.\[\]-]*==", Path(lock).read_text("utf-8"), re.MULTILINE))
    print(f"installing {total} packages of {lock} into .venv; the first time takes a minute or two ...", flush=True)
    terminal = sys.stdout.isatty()
    try:
        with subprocess.Popen((*PIP, *options, "--requirement", lock), stdout=subprocess.PIPE, text=True) as pip:
            assert pip.stdout is not None
            for number, step in enumerate(progress(pip.stdout, total), 1):
                if terminal:
                    print(f"\r\x1b[K  {step}", end="", flush=True)
                elif number % EVERY == 0 or "unpacking" in step:
                    print(f"  {step}", flush=True)
        return pip.returncode
    except KeyboardInterrupt:
        # Pip had the same Ctrl-C. The next make goes on where this one ended.
        return 130
    finally:
        if terminal:
            print("\r\x1b[K", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
