"""orderwright price rates: exchange rates in force, and files whose rates wait."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.asking import YES, agreed
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.feed_state import FeedState
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.rates import accept_rates, file_state, rate_files, rates_in_force
from orderwright.usecases.people.fixes import command as command_line


class _Listing(WholeHelp):
    """Without a command it lists."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """As click does."""
        if not args or (args[0].startswith("-") and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(context, args)


rates = _Listing("rates", help="Exchange rates in force, and files of rates that wait for you.")


@command(rates, "list")
def list_(shop: Shop) -> Answer:
    """The rates in force with their days, and each file that is read for them."""
    config, today = shop.config, shop.wiring.clock.now().date()
    base, found, files = config.rules.base_currency, rates_in_force(config, today), rate_files(shop.storage, config)
    rows = [
        (one.currency, f"{one.rate} {base}", one.dated, shop.name(one.source) if one.source else "rules.fx",
         "too old" if one.old else "")
        for one in found
    ]  # fmt: skip
    shown = [table("Exchange rates", ["1 unit of", ">Costs", "Of", "From", ""], rows)] if rows else []
    lines = [line for file, state in files.items() for line in _file_lines(shop.name(file), state)]
    data = {
        "base_currency": base,
        "rates": [{**one._asdict(), "source": shop.name(one.source) if one.source else ""} for one in found],
        "files": [
            {
                "name": shop.name(file),
                "checked_at": state.checked_at,
                "reasons": [reason.model_dump() for reason in state.reasons],
                "waiting": _waiting(state),
            }
            for file, state in files.items()
        ],
    }
    return Answer(data, [*shown, *lines] or ["no rate is known: write rules.fx, or connect a file of exchange rates"])


@command(rates, "accept", changes=True)
@click.argument("name")
@click.option(
    "--file", "mark", default="", help="Which rates: the sign that the list shows beside them. Needed with --yes."
)
@YES
def accept(shop: Shop, name: str, mark: str, yes: bool) -> Answer:
    """Take the rates of the file NAME that wait, although one moved by more than max_change_percent."""
    files = {shop.name(one): one for one in rate_files(shop.storage, shop.config)}
    if name not in files:
        fix = f"files of exchange rates: {', '.join(files) or 'none'}"
        raise Refused("NOT_FOUND", f"there is no file of exchange rates {name!r}", fix)
    file = files[name]
    state = file_state(shop.storage, file)
    mark = mark or ("" if yes else state.rates.mark)
    if yes and not mark:
        raise Refused("INPUT", "--yes needs --file: which rates you looked at", "orderwright price rates")
    if mark == state.rates.mark and mark:
        again = command_line("price", "rates", "accept", name, "--file", mark, "--yes")
        agreed(shop, [f"all prices are made with {', '.join(map(str, state.rates.moves))}"], yes=yes, again=again)
    before = accept_rates(shop.desk, file, mark)
    moves = [str(move) for move in before.rates.moves]
    return Answer({"name": name, "accepted": mark, "moves": moves}, [f"{name}: taken, {one}" for one in moves])


def _waiting(state: FeedState) -> dict[str, object] | None:
    if not state.rates.waiting:
        return None
    moves = [{**move.model_dump(), "percent": round(move.percent, 1)} for move in state.rates.moves]
    return {"file": state.rates.mark, "moves": moves, "rates": len(state.rates.waiting)}


def _file_lines(name: str, state: FeedState) -> list[str]:
    when = f"good at {state.checked_at:%Y-%m-%d %H:%M} UTC" if state.checked_at else "no good file yet"
    lines = [f"{name}: {when}{''.join(f'; {reason.code}: {reason.message}' for reason in state.reasons)}"]
    if state.rates.waiting:
        lines += [f"  waits: {move}" for move in state.rates.moves]
        lines.append(f"  orderwright {' '.join(('price rates accept', name, '--file', state.rates.mark))}")
    return lines
