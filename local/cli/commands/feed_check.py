"""orderwright feed check: how a stock file would be read, and what it would change; by the code that polls it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from rich.console import RenderableType

from local.cli.answer import Answer, json_text, table
from local.cli.shop import Shop
from orderwright.bootstrap import SystemClock
from orderwright.connectors.feeds.csv.container import MOST_UNPACKED
from orderwright.connectors.feeds.csv.feed import CsvFeedConnector
from orderwright.connectors.feeds.csv.loading import load_feed
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.connectors.http import (
    PIECE,
    AnswerTooLarge,
    Limits,
    OpenAnswer,
    StreamingTransport,
    Transport,
    requests_transport,
)
from orderwright.domain.operations import FeedState
from orderwright.domain.stock_diff import Diff, FeedStats, Row, cost_in, judge_feed
from orderwright.errors import Misconfigured, Rejected
from orderwright.ports.connection import Credentials
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.stock.feed_poll import differences
from orderwright.usecases.stock.feeds import at_address, feed_key, generations

_SHOWN = 10
_NO_ADDRESS = "https://feed.example.com/stock.csv"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", ".": "point"}


class _Open:
    """No credentials: a file of this machine, or an address that anybody may read."""

    def secret(self, name: str) -> str:
        """Raises Misconfigured, as for a connection without secrets."""
        raise Misconfigured(f"no {name} is set")


_OPEN: Any = _Open()


@dataclass
class _Feed:
    """What the file is read as: a connection of the stack, or nothing but settings."""

    name: str
    settings: CsvSettings
    state: FeedState
    snapshots: Any  # never asked where nothing was polled before
    credentials: Credentials
    transport: Transport | None


@click.argument("source", metavar="[FILE-OR-URL]", default="")
@click.option("--feed", "name", default="", help="Read it as this feed, and compare it with its last good file.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Try a setting: --set decimal_sign=,")
def check(shop: Shop, source: str, name: str, changes: tuple[str, ...]) -> Answer:
    """How a stock file would be read: form, columns, first rows, problems, changes, breaker. Nothing is applied."""
    if not source and not name:
        raise Refused(
            "INPUT", "nothing to check", "orderwright feed check stock.csv, or --feed NAME for its own address"
        )
    feed = _of_stack(shop, name) if name else _Feed("", _plain(), FeedState(connection=""), None, _OPEN, None)
    feed.settings = _changed(feed.settings, source, changes)
    told: dict[str, Any] = {"source": source or feed.settings.url, "feed": name, "refused": None, "changes": None}
    told |= {"first": [], "problems": [], "rows": 0, "bad_rows": 0, "breaker": None}
    reader = None
    try:
        reader = FeedReader(_pieces(feed, source), feed.settings, feed.state.signs)
        content = load_feed(reader, feed.settings)
    except Rejected as error:
        told["refused"] = {"code": error.code, "message": error.message}
    else:
        told |= {
            "rows": content.shards.rows,
            "bad_rows": content.bad_rows,
            "first": [_row(row) for row in content.first],
        }
        told["problems"] = [bad._asdict() for bad in content.examples]
        diffs, _ = differences(
            feed.state.connection, content, feed.snapshots, generations(feed.state, feed.settings.shards)
        )
        verdict = judge_feed(FeedStats(content.shards.rows, content.bad_rows, [d.counts for d in diffs]), feed.settings)
        told["breaker"] = {"opens": not verdict.ok, "code": verdict.code, "message": verdict.message}
        told["changes"] = _changes(diffs) if name else None
    told |= _form(reader, feed.settings)
    return Answer(told, list(_page(told)), failed=bool(told["refused"] or told["breaker"]["opens"]))


def _plain() -> CsvSettings:
    return CsvSettings(kind="csv", url=_NO_ADDRESS, offers_of="supplier")


def _of_stack(shop: Shop, name: str) -> _Feed:
    connection = shop.connection(name, "feed")
    settings = shop.config.connections[connection]
    assert isinstance(settings, CsvSettings)
    held = shop.storage.get(feed_key(connection), FeedState)
    state = at_address(held.model if held else FeedState(connection=connection), settings)
    wiring = shop.wiring
    return _Feed(name, settings, state, wiring.snapshots, wiring.credentials(connection), wiring.transport)


def _changed(settings: CsvSettings, source: str, changes: tuple[str, ...]) -> CsvSettings:
    """The settings with those of --set. Raises Refused."""
    update: dict[str, Any] = {"url": source} if _is_url(source) else {}
    for change in changes:
        key, sign, value = change.partition("=")
        if not sign or key not in CsvSettings.model_fields:
            raise Refused("INPUT", f"--set {key!r} is no setting of a feed", "see docs/feeds.md")
        update[key] = value.replace("\\t", "\t")
        if key == "stock_words":
            update[key] = dict(pair.rpartition(":")[::2] for pair in value.split(","))
        elif key == "warehouses":
            update[key] = value.split(",")
    try:
        return CsvSettings.model_validate({**settings.model_dump(), **update})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = ".".join(map(str, first["loc"])) or "--set"
        raise Refused("CONFIG_INVALID", f"{what}: {first['msg']}", "see docs/feeds.md") from None


def _is_url(source: str) -> bool:
    return source.lower().startswith(("https://", "http://"))


def _pieces(feed: _Feed, source: str) -> Iterator[bytes]:
    """The bytes as a download gives them, unpacked. A file goes the same way, as the answer of an address."""
    credentials = feed.credentials
    if source and not _is_url(source):
        transport: Transport = _of_file(source)
    else:
        transport = feed.transport or requests_transport("aws")
    if source and source != feed.settings.url:
        credentials = _OPEN
    connector = CsvFeedConnector(
        feed.name or "check", feed.settings, credentials, transport, SystemClock(), timedelta(minutes=1)
    )
    return connector.open_feed("").lines or iter(())


def _of_file(name: str) -> StreamingTransport:
    """A file as the answer of an address: read while it comes, within the same limits. Raises Refused."""
    try:
        file = Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise Refused("INPUT", f"{name} cannot be read: {error.strerror}", "check its name") from None

    def opened(method: str, url: str, headers: object, body: object, timeout: float, limits: Limits) -> OpenAnswer:
        return OpenAnswer(200, {}, pieces(limits.wire), file.close)

    def pieces(left: int) -> Iterator[bytes]:
        with file:
            while piece := file.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise AnswerTooLarge(f"more than {MOST_UNPACKED // 1024 // 1024} MiB")
                yield piece

    return StreamingTransport(opened)


def _row(row: Row) -> dict[str, Any]:
    return {"sku": row[0], "stock": row[1], "cost": money(cost_in(row))}


def _changes(diffs: list[Diff]) -> dict[str, Any]:
    counts = [diff.counts for diff in diffs]
    return {
        "known": sum(one.known for one in counts),
        "added": sum(one.added for one in counts),
        "changed": sum(1 for diff in diffs for _ in diff.changed()) - sum(one.added for one in counts),
        "sold_out": sum(one.zeroed for one in counts),
        "vanished": sum(one.missing for one in counts),
        "first": [_row(row) for row in islice((row for diff in diffs for row in diff.changed()), _SHOWN)],
        "first_vanished": list(islice((sku for diff in diffs for sku in diff.vanished()), _SHOWN)),
    }


def _form(reader: FeedReader | None, settings: CsvSettings) -> dict[str, Any]:
    """The form that was found, and the settings that would declare it."""
    form = reader.form if reader else None
    if reader is None or form is None:
        return {"form": None, "settings": {}}
    names = form.names or tuple(map(str, range(1, form.width + 1)))
    places = {
        "sku": form.sku,
        "stock": form.stock,
        "cost": form.cost,
        "currency": form.currency,
        "warehouse": form.warehouse,
    }
    signs = set(reader.signs.values())
    found = {
        "separator": form.separator if form.separator in _NAMES else None,
        "encoding": reader.encoding,
        "decimal_sign": settings.decimal_sign or (signs.pop() if len(signs) == 1 else None),
        "lines_above_header": form.header_line - 1 if form.header_line > 1 else None,
    }
    return {
        "form": {
            "separator": form.separator,
            "encoding": reader.encoding,
            "decimal_signs": reader.signs,
            "header_line": form.header_line,
            "columns": list(names),
            "used": {name: names[place] for name, place in places.items() if place >= 0},
        },
        "settings": {name: value for name, value in found.items() if value is not None},
    }


def _page(told: dict[str, Any]) -> Iterator[RenderableType]:
    form = told["form"]
    if form:
        signs = ", ".join(f"{name} with a {_NAMES[sign]}" for name, sign in form["decimal_signs"].items())
        where = f"header in line {form['header_line']}" if form["header_line"] else "no header"
        separator = _NAMES.get(form["separator"], form["separator"])
        yield f"form: {where}, separator {separator}, {form['encoding']}, decimals: {signs or 'none that show their sign'}"
        yield "columns: " + ", ".join(form["columns"])
        yield "used: " + ", ".join(f"{name} = {column}" for name, column in form["used"].items())
    if told["first"]:
        yield table("First rows", ("SKU", ">Stock", ">Cost"), map(_cells, told["first"]))
    if told["problems"]:
        rows = [(bad["line"], bad["field"], bad["sku"], bad["why"]) for bad in told["problems"]]
        first = f", the first {len(rows)}" if told["bad_rows"] > len(rows) else ""
        yield table(f"Problems: {told['bad_rows']} bad rows{first}", (">Line", "Cell", "SKU", "Why"), rows)
    if told["refused"]:
        yield f"refused as a whole, nothing would be applied: {told['refused']['code']}: {told['refused']['message']}"
    else:
        yield f"{told['rows']} rows can be read, {told['bad_rows']} cannot"
        breaker = told["breaker"]
        opens = f"opens, nothing would be applied: {breaker['code']}: {breaker['message']}"
        yield f"breaker: {opens if breaker['opens'] else 'stays shut, the file would be applied'}"
    changes = told["changes"]
    if changes:
        yield (
            f"against the last good file ({changes['known']} SKUs): {changes['added']} new, {changes['changed']} changed, "
            f"{changes['sold_out']} of them sold out now, {changes['vanished']} vanished"
        )
        if changes["first"]:
            yield table("First changes", ("SKU", ">Stock", ">Cost"), map(_cells, changes["first"]))
        if changes["first_vanished"]:
            yield "vanished: " + ", ".join(changes["first_vanished"])
    if told["settings"]:
        yield "settings for orderwright.yaml that declare this form:"
        for name, value in told["settings"].items():
            yield f"    {name}: {json_text(value)}"


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    cost = row["cost"]
    return row["sku"], row["stock"], f"{cost['amount']} {cost['currency']}" if cost else ""
