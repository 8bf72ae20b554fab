"""orderwright init: asks for what a shop needs, and writes a first orderwright.yaml."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from local.cli.answer import Answer
from local.cli.asking import on_terminal
from local.cli.command import Problem
from local.cli.config_file import read_config_text
from local.cli.shop import Shop
from orderwright.bootstrap import SystemClock
from orderwright.declarations import Question
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.first_file import first_file, is_asked, missing, next_steps, questions

_HOW = "`orderwright init --help` lists the answers"


@click.argument("file", default="orderwright.yaml", type=click.Path(dir_okay=False))
@click.option("--answers", default="-", metavar="FILE", help="The answers as a JSON object of texts.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def init(shop: Shop, file: str, answers: str, force: bool) -> Answer:
    """Write a first FILE (orderwright.yaml): asks on a terminal, else takes answers as JSON from standard input."""
    if Path(file).exists() and not force:
        raise Refused("FILE_EXISTS", f"{file} exists already, and is not changed", "name another file, or --force")
    today = SystemClock().now().date()
    given = _asked(today) if answers == "-" and on_terminal() else _given(answers, today)
    try:
        Path(file).write_text(first_file(given, today), "utf-8")
    except OSError as error:
        raise Refused("FILE", f"{file} cannot be written: {error.strerror}", "name another file") from None
    steps = next_steps(given, file)
    shown = [f"  {step}   # {use}" for step, use in steps]
    data = {"file": file, "next": [{"command": step, "use": use} for step, use in steps]}
    return Answer(data, [f"{file} is written. Next:", *shown])


_ROWS = textwrap.TextWrapper(76, initial_indent="  ", subsequent_indent=" " * 6, break_on_hyphens=False)
init.__doc__ = f"{init.__doc__}\n\n\b\nAnswers:\n" + "\n".join(
    _ROWS.fill(f"{q.key}: {q.asks} (such as {q.example}{f'; else {q.default}' if q.default else ''})")
    for q in questions()
)


def _asked(today: date) -> dict[str, str]:
    given: dict[str, str] = {}

    def checked(question: Question, value: str) -> str:
        if fault := _fault(question, {**given, question.key: value}, today):
            raise click.UsageError(fault)
        return value

    # What is asked follows from the kinds that were chosen so far.
    while question := next((q for q in questions(given) if q.key not in given and is_asked(q, given)), None):
        hint = f"one of {', '.join(question.choices)}" if question.choices else f"such as {question.example}"
        text = f"{question.asks} ({hint})\n "
        given[question.key] = click.prompt(
            text, default=question.default, value_proc=partial(checked, question), err=True
        )
    return given


def _given(file: str, today: date) -> dict[str, str]:
    try:
        data: Any = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text("utf-8"))
    except OSError as error:
        raise Refused("FILE", f"{file} cannot be read: {error.strerror}", _HOW) from None
    except ValueError:
        data = None
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise Refused("INPUT", "the answers are not a JSON object of texts", _HOW)
    given = {key: value for key, value in data.items() if value.strip()}
    known = {question.key: question for question in questions(given)}
    faults = {key: "is not asked" for key in given if key not in known}
    faults |= {q.key: f"is missing: {q.asks}, such as {q.example}" for q in missing(given)}
    so_far: dict[str, str] = {}
    for key in (key for key in known if key in given and not faults):
        so_far[key] = given[key]
        if fault := _fault(known[key], so_far, today):
            faults[key] = fault
            del so_far[key]
    if faults:
        told = [{"field": key, "message": fault, "fix": ""} for key, fault in faults.items()]
        raise Problem("CONFIG_INVALID", "the answers make no valid file; nothing is written", told, _HOW)
    return given


def _fault(question: Question, answers: Mapping[str, str], today: date) -> str:
    """What is wrong with the newest answer, by what `apply` would say of the file that it makes; "" for nothing."""
    if question.choices and answers[question.key].strip() not in question.choices:
        return f"must be one of {', '.join(question.choices)}"
    try:
        read_config_text(first_file(answers, today), "the file", today=today)
    except Problem as problem:
        for fault in problem.faults:
            return str(fault["message"]) + (f"; {fault['fix']}" if fault.get("fix") else "")
        return problem.message
    return ""
