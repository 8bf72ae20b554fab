"""orderwright feed check: how a file would be read, and what it would change; by the code that polls it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast, get_args, get_origin

import click
from pydantic import ValidationError
from rich.console import RenderableType

from local.cli.answer import Answer, json_text, table
from local.cli.files import file_of
from local.cli.shop import Shop
from orderwright.bootstrap import SystemClock, Wiring
from orderwright.bootstrap_connectors import builder
from orderwright.connectors.context import Context
from orderwright.connectors.http import (
    PIECE,
    AnswerTooLarge,
    Limits,
    OpenAnswer,
    StreamingTransport,
    requests_transport,
)
from orderwright.declarations import Role
from orderwright.domain.base import Model
from orderwright.domain.connection_settings import FeedSettings, SignalSettings, settings_of
from orderwright.domain.feed_state import FeedState
from orderwright.domain.stock_diff import NOT_TOLD, Diff, FeedStats, Row, cost_in, judge_feed
from orderwright.errors import Rejected
from orderwright.ports.feed import BadRow, FileForm, SupplierFeed
from orderwright.records import feed_key
from orderwright.registry import kinds_of
from orderwright.storage import held_or
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.trial import TrialCredentials
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.stock.feed_poll import differences

_SHOWN = 10
_MOST_PROBLEMS = 50
_NO_ADDRESS = "https://feed.example.com/stock.csv"
_BAD_ROW = ("line", "field", "why", "sku")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", ".": "point"}


class _Feed(NamedTuple):
    """What the file is read as: a connection of the stack, or nothing but settings."""

    settings: FeedSettings | SignalSettings
    state: FeedState
    wiring: Wiring | None


@click.argument("source", metavar="[FILE-OR-URL]", default="")
@click.option("--feed", "name", default="", help="Read it as this feed, and compare it with its last good file.")
@click.option(
    "--kind", default="", help="What kind of file it is, where it is none of your feeds; as `kind` in orderwright.yaml"
)
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Try a setting: --set decimal_sign=,")
def check(shop: Shop, source: str, name: str, kind: str, changes: tuple[str, ...]) -> Answer:
    """How a file would be read: form, columns, first rows, problems, changes, breaker. Nothing is applied."""
    if not source and not name:
        fix = "orderwright feed check stock.csv, or --feed NAME for its own address"
        raise Refused("INPUT", "nothing to check", fix)
    feed = _feed_of(shop, name, source, kind, changes)
    settings = feed.settings
    if isinstance(settings, SignalSettings):
        if settings.TELLS != "competitors":
            raise Refused(
                "INPUT", "a file of exchange rates is not checked here", "`orderwright price rates` shows them"
            )
        from local.cli.commands.feed_check_prices import check_prices

        return check_prices(shop, settings, feed.state, _connector(feed, source), source or settings.url, name)
    told: dict[str, Any] = {"source": source or settings.url, "feed": name, "refused": None, "changes": None}
    told |= {"first": [], "problems": [], "rows": 0, "bad_rows": 0, "breaker": None}
    told |= {"goods": None, "incremental": None}
    forms: list[FileForm] = []
    try:
        connector = cast(SupplierFeed, _connector(feed, source))
        answer = connector.open_feed("")
        content = connector.read_feed(answer.lines or (), feed.state.signs, forms.append, answer.newer)
    except Rejected as error:
        told["refused"] = {"code": error.code, "message": error.message}
    else:
        told |= {
            "rows": content.shards.rows,
            "bad_rows": content.bad_rows,
            "first": [_row(row) for row in content.first],
        }
        told["problems"] = [{name: getattr(bad, name) for name in _BAD_ROW} for bad in content.examples]
        # Those of before are never asked for where nothing was polled.
        before: Any = feed.wiring.snapshots if feed.wiring else None
        known = feed.state.generations(settings.shards)
        diffs, _ = differences(feed.state.connection, content, before, known)
        verdict = judge_feed(FeedStats(content.shards.rows, content.bad_rows, [d.counts for d in diffs]), settings)
        told["breaker"] = {"opens": not verdict.ok, "code": verdict.code, "message": verdict.message}
        told["changes"] = _changes(diffs) if name else None
        told["goods"] = _goods(connector, feed, settings)
        fault = answer.fault or content.fault
        told["incremental"] = fault and {"code": fault.code, "message": fault.message}
    told |= told_form(forms)
    return Answer(told, list(_page(told)), failed=bool(told["refused"] or told["breaker"]["opens"]))


def _feed_of(shop: Shop, name: str, source: str, kind: str, changes: tuple[str, ...]) -> _Feed:
    if not name:
        stock, prices = kinds_of(Role.FEED), kinds_of(Role.SIGNAL)
        kind = kind or stock[0]
        if kind not in (*stock, *prices):
            raise Refused("INPUT", f"--kind {kind!r} is no kind of file", ", ".join((*stock, *prices)))
        plain = {"kind": kind, "url": _NO_ADDRESS, **({"offers_of": "supplier"} if kind in stock else {})}
        return _Feed(_changed(plain, source, changes), FeedState(connection=""), None)
    connection = file_of(shop, name)
    settings = shop.config.files[connection]
    held = held_or(shop.storage, feed_key(connection), FeedState(connection=connection))
    return _Feed(
        _changed(settings.model_dump(), source, changes),
        held.model.at_address(getattr(settings, "address", settings.url)),
        shop.wiring,
    )


def _changed(settings: dict[str, Any], source: str, changes: tuple[str, ...]) -> FeedSettings | SignalSettings:
    """The settings with those of --set; a list as a,b and pairs as a:1,b:2. Raises Refused."""
    model = settings_of(settings["kind"])
    more = {"incremental_url": None} if "incremental_url" in model.model_fields else {}
    update: dict[str, Any] = {"url": source, **more} if _is_url(source) else {}
    for change in changes:
        key, sign, value = change.partition("=")
        if not sign or key not in model.model_fields:
            raise Refused("INPUT", f"--set {key!r} is no setting of a feed", "see docs/feeds.md")
        update[key] = value.replace("\\t", "\t")
        kind = model.model_fields[key].annotation
        holds = {get_origin(one) or one for one in (kind, *get_args(kind))}
        pairs = dict in holds or any(isinstance(one, type) and issubclass(one, Model) for one in holds)
        if pairs:
            update[key] = dict(pair.rpartition(":")[::2] for pair in value.split(",") if pair)
        elif tuple in holds:
            update[key] = value.split(",")
    try:
        changed = model.model_validate({**settings, **update})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = ".".join(map(str, first["loc"])) or "--set"
        raise Refused("CONFIG_INVALID", f"{what}: {first['msg']}", "see docs/feeds.md") from None
    assert isinstance(changed, FeedSettings | SignalSettings)
    return changed


def _is_url(source: str) -> bool:
    return source.lower().startswith(("https://", "http://"))


def _connector(feed: _Feed, source: str) -> Any:
    """What reads this feed. A file of this machine goes the same way, as the answer of an address."""
    settings, name, wiring = feed.settings, feed.state.connection, feed.wiring
    if wiring and not (source and not _is_url(source)):
        return builder(settings.kind)(wiring.context(name, settings, wiring.credentials(name)))
    transport = requests_transport("aws")
    if source and not _is_url(source):
        settings, transport = _changed(settings.model_dump(), _NO_ADDRESS, ()), _of_file(source)
    trial = TrialCredentials({}, settings)
    context = Context(name or "check", settings, trial, transport, SystemClock(), timedelta(minutes=1))
    return builder(settings.kind)(context)


def _of_file(name: str) -> StreamingTransport:
    """A file as the answer of an address: read while it comes, within the same limits. Raises Refused."""
    try:
        Path(name).open("rb").close()
    except OSError as error:
        raise Refused("INPUT", f"{name} cannot be read: {error.strerror}", "check its name") from None

    def opened(method: str, url: str, headers: object, body: object, timeout: float, limits: Limits) -> OpenAnswer:
        file = Path(name).open("rb")  # noqa: SIM115
        return OpenAnswer(200, {}, pieces(file, limits.wire), file.close)

    def pieces(file: BinaryIO, most: int) -> Iterator[bytes]:
        left = most
        with file:
            while piece := file.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise AnswerTooLarge(f"more than {most // 1024 // 1024} MiB")
                yield piece

    return StreamingTransport(opened)


def _row(row: Row) -> dict[str, Any]:
    return {"sku": row[0], "stock": None if row[1] == NOT_TOLD else row[1], "cost": money(cost_in(row))}


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


def _goods(connector: SupplierFeed, feed: _Feed, settings: FeedSettings) -> dict[str, Any] | None:
    """What an import of its goods would take; the file is read once more for it."""
    if not settings.tells_goods:
        return None
    count, bad, first = 0, list[BadRow](), list[dict[str, Any]]()
    try:
        for row in connector.read_goods(feed.state.signs):
            if isinstance(row, BadRow):
                bad.append(row)
                continue
            count += 1
            bad.extend(row.bad)
            if len(first) < _SHOWN:
                costs = {"cost": row.cost and money(row.cost), "freight": money(row.freight)}
                first.append(
                    {"sku": row.record.sku, "title": row.record.title, "pictures": len(row.record.images), **costs}
                )
    except Rejected as error:
        return {"refused": {"code": error.code, "message": error.message}}
    problems = [{name: getattr(one, name) for name in _BAD_ROW} for one in bad[:_MOST_PROBLEMS]]
    return {"refused": None, "rows": count, "bad": len(bad), "first": first, "problems": problems}


def told_form(forms: list[FileForm]) -> dict[str, Any]:
    """How a file is written, and the settings that declare it."""
    form = forms[0]._asdict() if forms else {}
    declared = form.pop("settings", {})
    return {"form": form or None, "settings": declared}


def form_page(form: dict[str, Any] | None) -> Iterator[RenderableType]:
    """The same for a person."""
    if form:
        signs = ", ".join(f"{name} with a {_NAMES[sign]}" for name, sign in form["decimal_signs"].items())
        where = (
            "objects"
            if form["encoding"] == "json"
            else f"header in line {form['header_line']}"
            if form["header_line"]
            else "no header"
        )
        separator = _NAMES.get(form["separator"], form["separator"] or "none")
        yield f"form: {where}, separator {separator}, {form['encoding']}, decimals: {signs or 'none that show their sign'}"
        yield "columns: " + ", ".join(form["columns"])
        yield "used: " + ", ".join(f"{name} = {column}" for name, column in form["used"].items())


def problems_page(told: dict[str, Any]) -> Iterator[RenderableType]:
    """The first rows that do not count."""
    if told["problems"]:
        rows = [(bad["line"], bad["field"], bad["sku"], bad["why"]) for bad in told["problems"]]
        first = f", the first {len(rows)}" if told["bad_rows"] > len(rows) else ""
        yield table(f"Problems: {told['bad_rows']} bad rows{first}", (">Line", "Cell", "SKU", "Why"), rows)


def settings_page(settings: dict[str, Any]) -> Iterator[RenderableType]:
    """What would declare its form."""
    if settings:
        yield "settings for orderwright.yaml that declare this form:"
        for name, value in settings.items():
            yield f"    {name}: {json_text(value)}"


def _page(told: dict[str, Any]) -> Iterator[RenderableType]:
    yield from form_page(told["form"])
    if told["first"]:
        yield table("First rows", ("SKU", ">Stock", ">Cost"), map(_cells, told["first"]))
    yield from problems_page(told)
    if told["refused"]:
        yield f"refused as a whole, nothing would be applied: {told['refused']['code']}: {told['refused']['message']}"
    else:
        yield f"{told['rows']} rows can be read, {told['bad_rows']} cannot"
        breaker = told["breaker"]
        opens = f"opens, nothing would be applied: {breaker['code']}: {breaker['message']}"
        yield f"breaker: {opens if breaker['opens'] else 'stays closed, the file would be applied'}"
    if told["incremental"]:
        yield f"{told['incremental']['code']}: {told['incremental']['message']}"
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
    yield from _goods_page(told["goods"])
    yield from settings_page(told["settings"])


def _goods_page(goods: dict[str, Any] | None) -> Iterator[RenderableType]:
    if goods is None:
        return
    if goods["refused"]:
        yield f"goods: none can be taken: {goods['refused']['code']}: {goods['refused']['message']}"
        return
    yield f"goods: {goods['rows']} would be imported, {goods['bad']} cells or rows cannot be taken"
    amounts = [
        [f"{row[name]['amount']} {row[name]['currency']}" if row[name] else "" for name in ("cost", "freight")]
        for row in goods["first"]
    ]
    rows = [(row["sku"], row["title"], row["pictures"], *two) for row, two in zip(goods["first"], amounts, strict=True)]
    if rows:
        yield table("First goods", ("SKU", "Title", ">Pictures", ">Cost", ">Freight"), rows)
    if goods["problems"]:
        bad = [(one["line"], one["field"], one["sku"], one["why"]) for one in goods["problems"]]
        yield table("Problems of the goods", (">Line", "Cell", "SKU", "Why"), bad)


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    cost = row["cost"]
    return (
        row["sku"],
        "" if row["stock"] is None else row["stock"],
        f"{cost['amount']} {cost['currency']}" if cost else "",
    )
