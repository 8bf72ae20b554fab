"""orderwright apply, export, schema."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, console_to, table
from local.cli.command import command
from local.cli.config_file import config_text, read_config_text, with_header
from local.cli.schema import config_schema, schema_text
from local.cli.shop import Shop
from orderwright.domain.config import Config
from orderwright.domain.config_diff import Changed
from orderwright.usecases.operator.applying import apply_config, current_config, exported, needs_repricing, propose
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.forecast import by_ids, forecast, in_words
from orderwright.usecases.operator.naming import Named, RenamedOrNew
from orderwright.usecases.operator.repricing import reprice as reprice_all


def register(main: click.Group) -> None:
    """Add the commands."""
    command(main, "apply", changes=True)(apply)
    command(main, "export")(export)
    command(main, "schema")(schema)


@click.argument("file", default="", metavar="[FILE]", type=click.Path(dir_okay=False))
@click.option(
    "--back-to", type=click.IntRange(min=1), help="Make this earlier version the newest again, without a file."
)
@click.option(
    "--base", type=click.IntRange(min=0), help="The version that the file started from, if it does not say so."
)
@click.option("--dry-run", is_flag=True, help="Only check and show the difference, and what it will do to prices.")
@click.option("--yes", is_flag=True, help="Apply it without a question, whatever it will do.")
@click.option("--reprice", is_flag=True, help="Price every SKU anew, even if nothing changed.")
@click.option(
    "--renamed", "renames", multiple=True, metavar="OLD=NEW", help="The same account has a new name in the file."
)
@click.option(
    "--remove", "removed", multiple=True, metavar="NAME", help="It is taken out, whatever is still open there."
)
def apply(
    shop: Shop,
    file: str,
    back_to: int | None,
    base: int | None,
    dry_run: bool,
    yes: bool,
    reprice: bool,
    renames: tuple[str, ...],
    removed: tuple[str, ...],
) -> Answer:
    """Check FILE (orderwright.yaml) and make it the configuration in force ("-" reads standard input)."""
    renamed = _renames(renames)
    started: int | None
    if back_to is not None:
        if file or base is not None:
            raise Refused("INPUT", "--back-to takes a version that is kept, no file and no --base", "leave them out")
        name, text = f"version {back_to}", ""
        config, started = exported(shop.storage, back_to)[0], current_config(shop.storage).number
    else:
        name = file or "orderwright.yaml"
        text = _read(name)
        read = read_config_text(text, name, shop.target.profile, shop.wiring.clock.now().date())
        config, started = read.config, base if base is not None else read.base
    proposal = propose(shop.desk, config, started)
    current, changed = proposal.current, proposal.changed
    data: dict[str, Any] = {**proposal.data, "base": started}
    shown: list[RenderableType] = [_diff_table(changed, current.number)] if changed and current.number else []
    shown += [f"not counted: {what}" for what in proposal.not_counted]
    if changed or dry_run or reprice:
        named_so = by_ids(current, config, renamed, removed)
        data["forecast"] = forecast(shop.storage, named_so, shop.wiring.clock.now())
        told = in_words(data["forecast"])
        asked = bool(told) and not (dry_run or yes) and file != "-" and _on_terminal()
        if asked:
            _ask(told)
        shown += [] if asked else told
    if dry_run:
        if started is None and current.number:
            shown.append(f"the file does not say which version it started from: apply it with --base {current.number}")
        return Answer(data, [*shown, f"{name} is valid; {_compared(changed, current.number)}"])
    number = current.number
    if changed:
        number, named = _applied(shop, config, started, renamed, removed)
        data |= {"version": number, "applied": True, "renamed": dict(named.renamed)}
        shown.append(f"version {number} is in force")
        shown += [f"{old} is called {new} now; its orders, limits and secrets stay" for old, new in named.renamed]
        shown += [f"{identity.name} is taken out" for identity in named.gone]
        if back_to is None:
            _mark(name, text, number)
        else:
            shown.append(
                "your file is still as it was; bring it to this version: orderwright export > orderwright.yaml"
            )
    else:
        shown.append(f"version {number} is in force already; nothing changed")
    if reprice or (changed and current.number and needs_repricing(current.config, config)):
        data["repriced"] = reprice_all(shop.desk, shop.reprice_later, shop.wiring.timing.config_cache)
        shown.append(f"{data['repriced']} SKUs are priced anew")
    return Answer(data, shown)


@click.option("--version", type=click.IntRange(min=1), help="An earlier version; without it, the one in force.")
def export(shop: Shop, version: int | None) -> Answer:
    """Print the configuration in force as YAML, to edit and apply."""
    config, stored = exported(shop.storage, version)
    data = {
        "version": stored.number,
        "applied_at": stored.applied_at,
        "applied_by": stored.applied_by,
        "config": config.model_dump(mode="json"),
    }
    return Answer(data, literal=config_text(config, stored.number))


def schema(shop: Shop) -> Answer:
    """Print the JSON Schema of orderwright.yaml, for editors."""
    return Answer(config_schema(), literal=schema_text())


def _renames(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {old: new for old, found, new in (one.partition("=") for one in given) if found and old and new}
    if len(pairs) != len(given):
        raise Refused(
            "RENAMED", f"--renamed takes OLD=NEW, not {' '.join(given)!r}", "for example --renamed cj=cj-main"
        )
    return pairs


def _applied(
    shop: Shop, config: Config, base: int | None, renamed: dict[str, str], removed: tuple[str, ...]
) -> tuple[int, Named]:
    """Apply it; on a terminal a person is asked what a vanished name and a new one mean."""
    while True:
        try:
            return apply_config(shop.desk, config, base, renamed=renamed, removed=removed)
        except RenamedOrNew as question:
            if not _on_terminal():
                raise
            if click.confirm(f"{question.message}\nIs {question.now} the account that was called {question.old}?"):
                renamed = {**renamed, question.old: question.now}
            else:
                removed = (*removed, question.old)


def _on_terminal() -> bool:
    """Is there somebody who can answer?"""
    return sys.stdin.isatty()


def _ask(told: list[str]) -> None:
    """Raises Refused unless the person at the terminal wants it so."""
    console = console_to(sys.stderr)
    for line in told:
        console.print(line)
    if not click.confirm("Apply it?", err=True):
        raise Refused("NOT_APPLIED", "nothing was changed", "edit the file; or apply it with --yes")


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise Refused(
            "FILE", f"{file} cannot be read: {error.strerror}", "docs/orderwright.example.yaml is one to start from"
        ) from None
    except UnicodeDecodeError:
        raise Refused("FILE", f"{file} is not UTF-8 text", "save it as UTF-8") from None


def _mark(file: str, text: str, number: int) -> None:
    """The file says which version it is now, so that the next apply knows what it started from."""
    if file != "-":
        Path(file).write_text(with_header(text, number), "utf-8")


def _compared(changed: list[Changed], number: int) -> str:
    if not number:
        return "it would be the first version"
    return f"{len(changed)} {'field differs' if len(changed) == 1 else 'fields differ'} from version {number}"


def _diff_table(changed: list[Changed], number: int) -> RenderableType:
    return table(f"Difference to version {number}", ["Field", "Before", "After"], changed)
