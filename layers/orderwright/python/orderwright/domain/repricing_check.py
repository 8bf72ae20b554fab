"""Rules of prices that follow others, and cannot be meant: refused when a file is applied. What the forecast says."""

from __future__ import annotations

from collections.abc import Iterator

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import ConfigFault, Path
from orderwright.domain.rules import PriceRule


def repricing_faults(config: Config) -> Iterator[ConfigFault]:
    """Of rules.prices."""
    for number, rule in enumerate(config.rules.prices):
        path: Path = ("rules", "prices", number)
        yield from _crossing(path, rule)
        yield from _references(path, rule, config)


def _crossing(path: Path, rule: PriceRule) -> Iterator[ConfigFault]:
    """A part of the rule that the bounds never let work."""
    most, demand, slow = rule.bounds.percent, rule.demand, rule.slow_movers
    if demand is not None and demand.raise_percent > most:
        said = f"is more than bounds.percent ({most}), so that it never counts in full"
        yield ConfigFault((*path, "demand", "raise_percent"), said, "lower it, or raise bounds.percent")
    if slow is not None and slow.lower_percent > min(most, slow.most_percent):
        said = f"is more than most_percent ({slow.most_percent}) or bounds.percent ({most})"
        yield ConfigFault((*path, "slow_movers", "lower_percent"), said, "lower it, or raise the other one")


def _references(path: Path, rule: PriceRule, config: Config) -> Iterator[ConfigFault]:
    sold_in = {store.currency for name, store in config.stores.items() if not rule.stores or name in rule.stores}
    for place, code in enumerate(rule.currencies):
        if code not in sold_in:
            fix = f"currencies of the stores that it is for: {', '.join(sorted(sold_in))}"
            yield ConfigFault((*path, "currencies", place), "is the currency of no store that the rule is for", fix)
    move = rule.competitors
    if move is None:
        return
    files = _files(config)
    for place, name in enumerate(move.feeds):
        if name not in files:
            fix = f"files of competitors' prices here: {', '.join(files) or 'none; add a connection of kind: competitor_prices'}"
            yield ConfigFault(
                (*path, "competitors", "feeds", place), f"there is no file of competitors' prices called {name!r}", fix
            )
    priced_in = sold_in & set(rule.currencies) or sold_in
    for field in ("undercut_by", "our_shipping"):
        amount = getattr(move, field)
        if amount is not None and amount.currency not in priced_in:
            said = f"is in {amount.currency}, and no store that the rule is for sells in it"
            yield ConfigFault((*path, "competitors", field), said, f"give it in {' or '.join(sorted(priced_in))}")


def repricing_warnings(config: Config) -> list[str]:
    """What may be meant, and has no effect now."""
    rules = [rule.name for rule in config.rules.prices if rule.competitors]
    if not rules or _files(config):
        return []
    return [
        f"rules.prices, {', '.join(map(repr, rules))}: no connection reads competitors' prices, so that these prices stay"
    ]


def _files(config: Config) -> list[str]:
    return [name for name, one in config.signals.items() if one.TELLS == "competitors"]
