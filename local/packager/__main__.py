"""`python -m local.packager`: packages for this machine or for Lambda."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from local.packager.artifacts import artifacts
from local.packager.build import build_tree, build_zip, check
from local.packager.errors import PackageError
from local.packager.targets import by_name


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m local.packager", description=__doc__)
    parser.add_argument("--target", choices=["host", "lambda"], required=True)
    parser.add_argument("--output", type=Path, required=True, help="folder to build into")
    parser.add_argument("--only", metavar="LOGICAL_ID", help="put this one straight into the output (for sam build)")
    parser.add_argument("--check", action="store_true", help="prove that no module would be compiled again")
    options = parser.parse_args(arguments)
    try:
        target = by_name(options.target)
        found = artifacts()
        if options.only:
            chosen = [artifact for artifact in found if artifact.logical_id == options.only]
            if not chosen:
                raise PackageError(f"{options.only} is no function or layer of template.yaml")
            build_tree(chosen[0], target, options.output)
            return 0
        for artifact in found:
            archive = build_zip(artifact, target, options.output)
            if options.check:
                check(artifact, target, options.output)
            print(f"{artifact.logical_id}: {archive.stat().st_size / 1024:,.0f} KiB")
    except (PackageError, subprocess.SubprocessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.check:
        print("0 modules would be compiled again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
