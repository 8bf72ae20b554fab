"""orderwright apply, export, schema."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, console_to, table
from local.cli.asking import on_terminal
from local.cli.commands.price_reprice import reprice_now
from local.cli.config_file import config_text, read_config_text, with_header
from local.cli.reading import read_text
from local.cli.schema import config_schema, schema_text
from local.cli.shop import Shop
from orderwright.declarations import Role
from orderwright.domain.config import Config
from orderwright.domain.config_diff import Changed
from orderwright.domain.identity import Identity
from orderwright.domain.tracking_page import ShopFace
from orderwright.registry import kinds_of
from orderwright.usecases.operator.applying import (
    Applied,
    Names,
    apply_config,
    current_config,
    exported,
    needs_repricing,
    open_order,
    other_shops,
    propose,
    who_is_who,
)
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.forecast import forecast, in_words
from orderwright.usecases.operator.naming import Named, RenamedOrNew, is_other_kind
from orderwright.usecases.operator.tracking_key import open_pages, pages_url, show_face

_BRING = "bring it to this version: orderwright export > orderwright.yaml"


@click.argument("file", default="", metavar="[FILE]", type=click.Path(dir_okay=False))
@click.option(
    "--back-to", type=click.IntRange(min=1), help="Make this earlier version the newest again, without a file."
)
@click.option(
    "--base", type=click.IntRange(min=0), help="The version that the file started from, if it does not say so."
)
@click.option("--dry-run", is_flag=True, help="Only check and show the difference, and what it will do to prices.")
@click.option("--yes", is_flag=True, help="Apply it without a question, whatever it will do.")
@click.option("--reprice", is_flag=True, help="Price every SKU again, even if nothing changed.")
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
    names, then = Names(_renames(renames), removed), None
    started: int | None
    if back_to is not None:
        if file or base is not None or renames:
            what = "--back-to takes a version that is kept, no file, no --base and no --renamed"
            raise Refused("INPUT", what, "leave them out")
        name, text = f"version {back_to}", ""
        config, then = exported(shop.storage, back_to)
        started = current_config(shop.storage).number
    else:
        name = file or "orderwright.yaml"
        text = read_text(name)
        read = read_config_text(text, name, shop.target.profile, shop.wiring.clock.now().date())
        config, started = read.config, base if base is not None else read.base
    proposal = propose(shop.desk, config, started)
    current, changed = proposal.current, proposal.changed
    data: dict[str, Any] = {**proposal.data, "base": started}
    differences = table(f"Difference to version {current.number}", ["Field", "Before", "After"], changed)
    shown: list[RenderableType] = [differences] if changed and current.number else []
    shown += [f"not counted: {what}" for what in proposal.not_counted]
    differs, marked = bool(changed), list[str]()
    if changed or dry_run or reprice or then is not None:
        names, named, unclear = _named(shop, current, config, names._replace(then=then), dry_run)
        differs |= then is not None and _whose(named.identities) != _whose(current.identities)
        new = config.by_ids(named.identities)
        new = new.with_signals(current.stored.rates, current.stored.heard) if current.stored else new
        data["forecast"] = forecast(shop.storage, new, shop.wiring.clock.now())
        left = {one.name: open_order(shop.storage, one.id) for one in named.gone}
        data["forecast"]["warnings"] += [*unclear, *other_shops(current, named, config)]
        data["forecast"]["warnings"] += [
            f"{one.name} was of kind {one.kind} and is of another now: another connection, with secrets of its own"
            for one in named.gone if is_other_kind(one, config)
        ]  # fmt: skip
        data["forecast"]["warnings"] += [_let_go(one, order) for one, order in left.items() if order]
        told = in_words(data["forecast"])
        asked = bool(told) and not (dry_run or yes) and file != "-" and on_terminal()
        if asked:
            _ask(told)
        shown += [] if asked else told
    if dry_run:
        if started is None and current.number:
            shown.append(f"the file does not say which version it started from: apply it with --base {current.number}")
        return Answer(data, [*shown, f"{name} is valid; {_compared(changed, current.number)}"])
    number = current.number
    if differs:
        number, named = apply_config(shop.desk, config, started, names)
        data |= {"version": number, "applied": True, "renamed": dict(named.renamed)}
        shown.append(f"version {number} is in force")
        shown += [f"{old} is called {new} now; its orders, limits and secrets stay" for old, new in named.renamed]
        shown += [f"{one.name} is taken out" for one in named.gone if not is_other_kind(one, config)]
        marked = _mark(name, text, number) if back_to is None else [f"your file is still as it was; {_BRING}"]
    else:
        shown.append(f"version {number} is in force already; nothing changed")
    shown += _open_pages(shop, config, number)
    unpriced = not differs and current.stored is not None and current.stored.unpriced
    if reprice or unpriced or (differs and current.number and (not changed or needs_repricing(current.config, config))):
        found, told = reprice_now(shop)
        data |= found
        shown += told
    return Answer(data, [*shown, *marked])


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


def _open_pages(shop: Shop, config: Config, number: int) -> list[str]:
    """The customers' pages of the version in force, also on a stack that had none before. Gives what is new."""
    address = config.rules.tracking.address or shop.target.api_url
    show_face(shop.storage, ShopFace.of(config.by_ids(current_config(shop.storage).identities)), number)
    opened = open_pages(shop.wiring.secrets, address)
    return [f"mails link to a page where customers follow their order, below {pages_url(address)}"] if opened else []


def _renames(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {old: new for old, found, new in (one.partition("=") for one in given) if found and old and new}
    if len(pairs) != len(given):
        example = kinds_of(Role.SUPPLIER)[0]
        told = f"--renamed takes OLD=NEW, not {' '.join(given)!r}"
        raise Refused("RENAMED", told, f"for example --renamed {example}={example}-main")
    return pairs


def _named(shop: Shop, current: Applied, config: Config, names: Names, dry_run: bool) -> tuple[Names, Named, list[str]]:
    """Who is who in it; on a terminal a person is asked what vanished and new names mean. A dry run says what is unclear."""
    unclear: list[str] = []
    while True:
        try:
            return names, who_is_who(shop.storage, current, config, names), unclear
        except RenamedOrNew as question:
            other = names._replace(others=(*names.others, question.old))
            if on_terminal():
                ask = f"{question.message}\nIs {question.now} the account that was called {question.old}?"
                same = click.confirm(ask, err=True)
                names = names._replace(renamed={**names.renamed, question.old: question.now}) if same else other
            elif dry_run:
                unclear.append(f"{question.message} Here they count as two. {question.fix}")
                names = other
            else:
                raise


def _whose(identities: tuple[Identity, ...]) -> dict[str, str]:
    return {one.name: one.id for one in identities if one.name}


def _let_go(name: str, order: str) -> str:
    return f"{name} is taken out with open orders, for example {order}: nothing more is bought or followed for them"


def _ask(told: list[str]) -> None:
    """Raises Refused unless the person at the terminal wants it so."""
    console = console_to(sys.stderr)
    for line in told:
        console.print(line)
    if not click.confirm("Apply it?", err=True):
        raise Refused("NOT_APPLIED", "nothing was changed", "edit the file; or apply it with --yes")


def _mark(file: str, text: str, number: int) -> list[str]:
    """The file says which version it is now, so that the next apply knows what it started from. Gives why it could not."""
    try:
        if file != "-" and Path(file).read_text("utf-8", "replace") != text:
            return [f"{file} was changed while it was applied, and is left so: apply the rest with --base {number}"]
        if file != "-":
            Path(file).write_text(with_header(text, number), "utf-8")
    except OSError as error:
        return [f"{file} could not be written ({error.strerror}) and does not say its new version; {_BRING}"]
    return []


def _compared(changed: list[Changed], number: int) -> str:
    if not number:
        return "it would be the first version"
    return f"{len(changed)} {'field differs' if len(changed) == 1 else 'fields differ'} from version {number}"
