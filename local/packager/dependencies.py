"""The dependencies layer: installed from the hashed lock, then without what no function reads."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from local.packager.botocore_data import OPERATIONS, trim_botocore
from local.packager.errors import PackageError
from local.packager.targets import Target

SERVICES = frozenset(OPERATIONS)
"""The AWS services whose descriptions stay in botocore's data folder."""

_UNREAD = (
    # phonenumbers' geocoder, carrier and time zone modules are the only readers; nothing validates with them.
    "phonenumbers/geodata",
    "phonenumbers/carrierdata",
    "phonenumbers/tzdata",
    "phonenumbers/geocoder.py",
    "phonenumbers/carrier.py",
    "phonenumbers/timezone.py",
    # The resource layer and its texts; functions use clients.
    "boto3/data",
    "boto3/examples",
    "bin",
)


def install(requirements: Path, into: Path, target: Target) -> None:
    """Installs the lock into `into`, each file checked against its hash. Raises PackageError with pip's last words."""
    command = [
        *_pip(),
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
        "--require-hashes",
        f"--requirement={requirements}",
        f"--target={into}",
        *target.pip_options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageError(
            f"pip could not install {requirements.name} for {target.name}:\n{done.stderr.strip()[-1500:]}"
        )


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    program = shutil.which("pip3") or shutil.which("pip")
    if program is None:
        raise PackageError("pip is neither in this environment nor on PATH: run `python -m ensurepip`")
    return [program, f"--python={sys.executable}"]


def trim(tree: Path) -> None:
    """Takes out of an installed tree what no function reads: other services' descriptions, tests, installers' notes."""
    for name in _UNREAD:
        _remove(tree / name)
    for folder in (tree / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            _remove(folder)
    trim_botocore(tree / "botocore" / "data")
    for pattern in ("botocore/data/*/*/examples-1.json", "**/__pycache__", "**/tests", "**/*.pyi", "**/py.typed"):
        for path in sorted(tree.glob(pattern)):
            _remove(path)
    # They differ from machine to machine, and name files that are no longer there.
    for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        for path in tree.glob(f"*.dist-info/{name}"):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
