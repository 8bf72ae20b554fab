"""Transcripts in a document, played against a running shop: each command is run, and what it says is what stands there.

A block of ```console holds commands after "$ " and what they print. "..." alone stands for any lines, at a line's end for the
rest of it. A line "(exit code 3)" is a command's exit code, 0 where none stands. What differs from run to run (times, references,
addresses) may differ. A comment <!-- play: ... --> before a block is what the world does first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PARTS = re.compile(r"^```console\n(?P<block>.*?)^```|^<!-- play: (?P<play>.*?) -->$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"^\(exit code (\d+)\)$")
_VARIES = (
    (r"\x1b\[[0-9;]*m", ""),
    (r"https?://127\.0\.0\.1:\d+", "URL"),
    (r"[0-9a-f]{48}", "ADDRESS"),
    (r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?", "DATE"),
    (r"\b\d\d:\d\d(?::\d\d)?\b", "TIME"),
    (r"\b(?:in )?\d+ (?:s|min|h|d)\b(?: ago)?", "SPAN"),
    (r"\b[0-9a-z]{22}\b", "REFERENCE"),
    (r"\b(?:26|27)\d{10,}\b|\bSD\d+\b", "VENDORS-ID"),
    (r"[━─]+(?:[╇┼][━─]+)*", "RULE"),
    (r"\s+", " "),
)


class Step(NamedTuple):
    """One command with what it must print; or, with `play`, what the world does."""

    play: str
    command: str = ""
    expected: tuple[str, ...] = ()
    exit_code: int = 0


def steps(document: Path) -> Iterator[Step]:
    """Everything to be played, in the order of the document."""
    for found in _PARTS.finditer(document.read_text("utf-8")):
        if found["play"] is not None:
            yield Step(found["play"])
            continue
        command, lines = "", list[str]()
        for line in found["block"].splitlines():
            if line.startswith("$ "):
                if command:
                    yield _step(command, lines)
                command, lines = line.removeprefix("$ "), []
            else:
                lines.append(line)
        yield _step(command, lines)


def _step(command: str, lines: list[str]) -> Step:
    code = _EXIT.match(lines[-1]) if lines else None
    return Step("", command, tuple(lines[:-1] if code else lines), int(code[1]) if code else 0)


def differences(expected: tuple[str, ...], said: str) -> list[str]:
    """Lines of the document that were not said, in order; empty where all fits."""
    printed = [_settled(line) for line in said.splitlines() if line.strip()]
    wanted = [_settled(line) for line in expected if line.strip()]
    at, anywhere = 0, False
    for line in wanted:
        if line == "...":
            anywhere = True
            continue
        places = range(at, len(printed)) if anywhere else range(at, min(at + 1, len(printed)))
        found = next((place for place in places if _same(line, printed[place])), None)
        if found is None:
            return [f"expected: {line}", f"said:     {printed[at] if at < len(printed) else '(nothing more)'}"]
        at, anywhere = found + 1, False
    return [f"said more: {line}" for line in printed[at:]] if not anywhere else []


def _settled(line: str) -> str:
    for pattern, word in _VARIES:
        line = re.sub(pattern, word, line)
    return line.strip()


def _same(wanted: str, said: str) -> bool:
    return said.startswith(wanted.removesuffix("...").rstrip()) if wanted.endswith("...") else wanted == said
