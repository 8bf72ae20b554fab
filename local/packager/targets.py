"""Where a package will run: this machine or Lambda. The interpreter that compiles, and what pip is told."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from local.packager.artifacts import load_template
from local.packager.errors import PackageError


@dataclass(frozen=True)
class Target:
    """`tag` names interpreter and machine, for the cache; `pip_options` choose the wheels."""

    name: str
    python: str
    tag: str
    pip_options: tuple[str, ...]


def host() -> Target:
    """This machine, with the interpreter that is running."""
    return Target("host", sys.executable, f"{_describe(sys.executable)}-{sys.platform}", ())


def aws_lambda() -> Target:
    """Lambda on arm64, with the template's Python from PATH. Raises PackageError when it is not there."""
    version = str(load_template()["Globals"]["Function"]["Runtime"]).removeprefix("python")
    program = shutil.which(f"python{version}")
    try:
        described = _describe(program) if program else ""
    except PackageError:
        described = ""
    if program is None or not described.startswith(f"cpython-{version.replace('.', '')}-"):
        raise PackageError(
            f"python{version} is not on PATH: the template runs on it, so the bytecode has to be its own. "
            f"Install Python {version}, or put its bin folder on PATH."
        )
    platforms = ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64")
    return Target(
        "lambda",
        program,
        f"{described}-aarch64",
        (
            "--only-binary=:all:",
            "--implementation=cp",
            f"--python-version={version}",
            *(f"--platform={platform}" for platform in platforms),
        ),
    )


def by_name(name: str) -> Target:
    """`host` or `lambda`. Raises PackageError for anything else."""
    if name == "host":
        return host()
    if name == "lambda":
        return aws_lambda()
    raise PackageError(f"target {name!r} is unknown: it is host or lambda")


@cache
def _describe(program: str) -> str:
    script = "import importlib.util as u, sys; print(sys.implementation.cache_tag, u.MAGIC_NUMBER.hex(), sep='-')"
    done = subprocess.run([program, "-c", script], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageError(f"{program} does not run: {done.stderr.strip()[:200]}")
    return done.stdout.strip()
