"""The first orderwright.yaml: what is asked, the text that the answers make, and what comes next.

Answers are texts by the questions' keys. Whether they are valid is judged by who applies the file; here is only written.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.registry import kinds_of
from orderwright.usecases.operator.secret_names import required_secrets

NONE = "none"
SUPPLIER_CURRENCY = {"cj": str(SupplierSettings.model_fields["currency"].default)}


class Question(NamedTuple):
    """One thing to ask. Without a `default` it must be answered; `choices`, where there are any, are all that counts."""

    key: str
    asks: str
    example: str
    default: str | None = None
    choices: tuple[str, ...] = ()


QUESTIONS = (
    Question("shop_name", "The shop's name, as customers read it in mails", "Trail Lights"),
    Question("support_email", "The address that customers write to; it stands in every mail", "help@trail-lights.example"),
    Question("time_zone", "Your time zone, for dates in mails", "Europe/Helsinki", "UTC"),
    Question("store_kind", "What the shop runs on", "shopify", "shopify", kinds_of("store")),
    Question("store", "A short name for the store, for commands", "lamp-shop", "shop"),
    Question("shop_domain", "The store's own domain at its vendor, without https://", "trail-lights.myshopify.com"),
    Question("client_id", "The client id of your custom app in the store; no secret", "0123456789abcdef0123456789abcdef"),
    Question("location", "The location whose stock Orderwright may set; use one of its own", "Orderwright dropship"),
    Question("currency", "The currency in which the store sells", "EUR", "USD"),
    Question("supplier_kind", "The supplier that sends the goods", "cj", "cj", kinds_of("supplier")),
    Question("fx_rate", "What 1 of the store's currency costs today in the supplier's (USD)", "1.08"),
    Question("feed_url", "The address of a stock file of the same goods, or none", "https://feeds.example.com/stock.csv", NONE),
    Question("carrier_kind", "Who follows parcels for you, or none", "easypost", NONE, (*kinds_of("carrier"), NONE)),
    Question("ship_to_countries", "Where you ship to, as country codes; or all", "DE, FI, SE", "all"),
    Question("price_factor", "Price = what the goods and their freight cost you, times this", "2.4"),
    Question("minimum_margin", "The least that a price must leave, in percent of it", "15", "10"),
    Question("minimum_order_margin", "The least that an order must leave, in percent; below it you are asked", "8", "5"),
    Question("spend_per_day", "The most that may be spent at the supplier in a day (USD); then you are asked", "500.00"),
    Question("spend_per_order", "The most that one purchase order may cost (USD); above it you are asked", "120.00"),
)  # fmt: skip

_FILE = """\
# yaml-language-server: $schema=docs/orderwright.schema.json
#
# The settings of your shop, begun by `orderwright init`. Change what you like, then: orderwright apply
# No secret stands here; `orderwright connect NAME` takes them. docs/orderwright.example.yaml shows more.

merchant:
  name: {shop_name}
  support_email: {support_email}
  # legal_address: "Example Ltd, 1 Sample Road, Springfield"   # where the law wants it in mails
  time_zone: {time_zone}   # of dates in mails, where the buyer's own zone is not known

connections:
{connections}
rules:
  prices:                       # the first rule that fits applies
    - name: all goods
      markup: {price_factor}             # price = landed cost x markup
      minimum_margin_percent: {minimum_margin}
      ending: ".99"             # prices are rounded up to this ending
  price_step_percent: 20        # a larger change waits for: orderwright approvals list
  base_currency: {money}
{rates}  ship_to_countries: [{countries}]   # empty: everywhere
  # Without destinations and fees a cost is goods and freight only: docs/money.md says how to add tax and duty.

limits:                         # in the supplier's currency
  spend_per_day:
    {supplier_kind}: {spend_per_day}
  spend_per_purchase_order:
    {supplier_kind}: {spend_per_order}
  minimum_order_margin_percent: {minimum_order_margin}
"""
_RATES = """\
  fx:                           # your own; one that is older than fx_max_age_days (7) stops what needs it
    - {{currency: {currency}, rate: {fx_rate}, dated: {today}}}
"""
_CONNECTIONS = {
    "shopify": """\
  {store}:
    kind: shopify
    base_url: {store_url}
    shop_domain: {shop_domain}
    client_id: {client_id}
    location: {location}   # Orderwright owns the stock of this location
    currency: {currency}
    store_mails: [CONFIRMED]    # what the store mails itself, so that we do not
""",
    "cj": "  cj:\n    kind: cj\n    buffer: 1                   # pieces that are never promised\n",
    "csv": "  stock-file:\n    kind: csv\n    url: {feed_url}\n    offers_of: {supplier_kind}\n",
    "easypost": "  easypost:\n    kind: easypost\n",
}


def completed(answers: Mapping[str, str]) -> dict[str, str]:
    """All answers: those that are missing by their default, else by their example, so that one can be judged by itself."""
    rest = {q.key: q.example if q.default is None else q.default for q in QUESTIONS}
    said = {**rest, **{key: value.strip() for key, value in answers.items()}}
    said["shop_domain"] = re.sub(r"^https?://|/+$", "", said["shop_domain"])
    return said | {"currency": said["currency"].upper()}


def is_asked(question: Question, answers: Mapping[str, str]) -> bool:
    """Does it concern this shop, by the answers so far? A rate is of no use where all is in one currency."""
    said = completed(answers)
    other = SUPPLIER_CURRENCY.get(said["supplier_kind"], said["currency"])
    return question.key != "fx_rate" or said["currency"] != other


def missing(answers: Mapping[str, str]) -> list[Question]:
    """What has no default, concerns this shop, and is not answered."""
    return [q for q in QUESTIONS if q.default is None and not answers.get(q.key) and is_asked(q, answers)]


def connections_of(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name in the file, kind) of each connection that the answers make."""
    said = completed(answers)
    feed = said["feed_url"].lower() not in ("", NONE)
    carrier = [said["carrier_kind"]] if said["carrier_kind"] not in ("", NONE) else []
    found = [(said["store"], said["store_kind"]), (said["supplier_kind"], said["supplier_kind"])]
    return [*found, *([("stock-file", "csv")] if feed else []), *((kind, kind) for kind in carrier)]


def first_file(answers: Mapping[str, str], today: date) -> str:
    """The text of the file. What has no answer stands there by its default or example."""
    said = completed(answers)
    money = SUPPLIER_CURRENCY[said["supplier_kind"]]
    for limit in ("spend_per_day", "spend_per_order"):
        said[limit] += f" {money}" if said[limit].replace(".", "", 1).isdigit() else ""
    codes = re.findall(r"[^\s,]+", re.sub(r"^ALL$", "", said["ship_to_countries"].upper()))
    # JSON's texts are YAML's, whatever stands in them.
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in said.items()}
    quoted |= {"store_url": json.dumps(f"https://{said['shop_domain']}"), "supplier_kind": said["supplier_kind"]}
    parts = {
        "connections": "".join(_CONNECTIONS[kind] for _, kind in connections_of(answers)).format(**quoted),
        "rates": _RATES.format(**quoted, today=today.isoformat()) if said["currency"] != money else "",
    }
    return _FILE.format(**quoted, **parts, money=money, countries=", ".join(map(json.dumps, codes)))


def next_steps(answers: Mapping[str, str], file: str) -> list[tuple[str, str]]:
    """The commands that come next, each with its use."""
    connects, file = [], shlex.quote(file)
    for name, kind in connections_of(answers):
        holds = f"that file holds {json.dumps(dict.fromkeys(required_secrets(kind), '...'))}"
        typed = (f"orderwright connect {name} < {name}.json", holds)
        connects.append(
            typed if required_secrets(kind) else (f"echo '{{}}' | orderwright connect {name}", "it needs no secrets")
        )
    return [
        (f"orderwright apply {file} --dry-run", "check it"),
        (f"orderwright apply {file} --why 'first version'", "make it the one in force"),
        *connects,
        (f"orderwright catalogue import {completed(answers)['supplier_kind']}", "read the supplier's goods"),
        ("orderwright doctor", "see whether all is well"),
    ]
