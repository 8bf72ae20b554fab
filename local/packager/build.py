"""Builds artifacts into a folder: a tree and a zip for each, kept as long as what they are made of is the same."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from local.packager import bytecode
from local.packager.artifacts import ROOT, Artifact, artifacts
from local.packager.dependencies import install, trim
from local.packager.errors import PackageError
from local.packager.targets import Target
from local.packager.zips import write_zip

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "Makefile", ".*")


def build_all(target: Target, output: Path, root: Path = ROOT) -> dict[str, Path]:
    """Every artifact as output/<LogicalId>/ and output/<LogicalId>.zip. Returns logical id -> zip."""
    return {artifact.logical_id: build_zip(artifact, target, output, root) for artifact in artifacts(root)}


def build_zip(artifact: Artifact, target: Target, output: Path, root: Path = ROOT) -> Path:
    """One artifact, built unless output/ holds it from equal sources. Returns its zip."""
    output.mkdir(parents=True, exist_ok=True)
    sources = fingerprint(artifact, target, root)
    with (output / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build_zip_alone(artifact, target, output, root, sources)


def _build_zip_alone(artifact: Artifact, target: Target, output: Path, root: Path, sources: str) -> Path:
    tree, archive, mark = (output / f"{artifact.logical_id}{end}" for end in ("", ".zip", ".sources"))
    if mark.is_file() and mark.read_text("ascii") == sources and tree.is_dir() and archive.is_file():
        return archive
    mark.unlink(missing_ok=True)
    # Built aside and moved, so that a build that is cut short leaves no half of a package.
    work = output / f".building-{uuid.uuid4().hex}"
    try:
        build_tree(artifact, target, work / "tree", root)
        write_zip(work / "tree", work / "archive.zip")
        if tree.exists():
            os.replace(tree, work / "old")
        os.replace(work / "tree", tree)
        os.replace(work / "archive.zip", archive)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    mark.write_text(sources, "ascii")
    return archive


def build_tree(artifact: Artifact, target: Target, tree: Path, root: Path = ROOT) -> None:
    """One artifact as a folder with the layout that Lambda unpacks. `tree` may exist and be empty."""
    source = root / artifact.source
    if artifact.kind == "function":
        shutil.copytree(source, tree, ignore=_LEFT_OUT, dirs_exist_ok=True)
    elif artifact.kind == "layer":
        shutil.copytree(source / "python", tree / "python", ignore=_LEFT_OUT, dirs_exist_ok=True)
    else:
        install(source / "requirements.txt", tree / "python", target)
        trim(tree / "python")
    _run_bytecode(target, "compile", str(tree), artifact.mount)


def check(artifact: Artifact, target: Target, output: Path) -> None:
    """Proves that the target compiles no module of a built artifact again. Raises PackageError naming those it would."""
    tree = output / artifact.logical_id
    if not tree.is_dir():
        raise PackageError(f"{tree} is not built")
    _run_bytecode(target, "check", str(tree))


def _run_bytecode(target: Target, *arguments: str) -> None:
    done = subprocess.run(
        [target.python, "-I", bytecode.__file__, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip()
        raise PackageError(f"{arguments[0]} of {Path(arguments[1]).name} failed for {target.name}:\n{words[:1500]}")


def fingerprint(artifact: Artifact, target: Target, root: Path = ROOT) -> str:
    """A hash of everything that a package is made of: its sources, the target, and the packager itself."""
    digest = hashlib.sha256(f"{target.name} {target.tag}".encode())
    for base in (root / artifact.source, Path(__file__).parent):
        for path in _sources(base):
            content = path.read_bytes()
            digest.update(f"\0{path.relative_to(base).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _sources(base: Path) -> Iterator[Path]:
    for path in sorted(base.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path
