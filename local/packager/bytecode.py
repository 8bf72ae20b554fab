"""Compiles a folder to hash-based, unchecked .pyc files (PEP 552), or proves that one is so compiled.

Standard library only and runnable as a script: it has to run on the interpreter of the target, which may be another one
than the packager's. Files by time stamp would be ignored there, since zipping changes the times.
"""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from pathlib import Path

_UNCHECKED_HASH = 0b01


def compile_tree(tree: Path, mount: str) -> int:
    """Compiles every source under `tree`, naming it as it will be found under `mount`. Returns how many.

    Raises py_compile.PyCompileError naming the first file that is no valid Python.
    """
    count = 0
    for source in sorted(tree.rglob("*.py")):
        py_compile.compile(
            str(source),
            dfile=f"{mount}/{source.relative_to(tree).as_posix()}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        count += 1
    return count


def stale_sources(tree: Path) -> list[str]:
    """Sources under `tree` that this interpreter would compile again, or whose bytecode is of another text."""
    return [source.relative_to(tree).as_posix() for source in sorted(tree.rglob("*.py")) if not _is_current(source)]


def _is_current(source: Path) -> bool:
    cached = Path(importlib.util.cache_from_source(str(source)))
    if not cached.is_file():
        return False
    head = cached.read_bytes()[:16]
    return (
        head[:4] == importlib.util.MAGIC_NUMBER
        and int.from_bytes(head[4:8], "little") == _UNCHECKED_HASH
        and head[8:16] == importlib.util.source_hash(source.read_bytes())
    )


def main(arguments: list[str]) -> int:
    """`compile TREE MOUNT` or `check TREE`; the check prints each source that would be compiled again."""
    if arguments[0] == "compile":
        compile_tree(Path(arguments[1]), arguments[2])
        return 0
    stale = stale_sources(Path(arguments[1]))
    print("\n".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
