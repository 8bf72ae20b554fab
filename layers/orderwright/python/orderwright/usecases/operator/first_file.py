"""The first orderwright.yaml: what is asked, the text that the answers make, and what comes next.

Answers are texts by the questions' keys. Whether they are valid is judged by who applies the file; here is only written.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from datetime import date
from typing import cast

from orderwright.declarations import Capability, First, Question, Role, named
from orderwright.domain.connection_settings import settings_of
from orderwright.registry import declaration, kinds_of
from orderwright.usecases.operator.secret_names import required_secrets

NONE = "none"
"""The answer for a connection that is not wanted."""
_A_FEED = "https://feeds.example.com/stock.csv"


def _chosen(role: Role, answers: Mapping[str, str]) -> str:
    """The kind that the answers choose for a role, else the role's first; "" where no connection is wanted."""
    kinds, said = kinds_of(role), answers.get(f"{role}_kind", "").strip()
    fed = role is Role.FEED and answers.get("feed_url", "").strip().lower() not in ("", NONE)
    return said if said in kinds else kinds[0] if fed or role in (Role.STORE, Role.SUPPLIER) else ""


def _first(kind: str) -> First:
    return cast(First, named(declaration(kind).first))


def _currency(kind: str) -> str:
    return str(settings_of(kind).model_fields["currency"].default)


def _of(role: Role, answers: Mapping[str, str] | None) -> tuple[Question, ...]:
    """What the chosen kind of a role asks; without answers what any of them does."""
    kinds = kinds_of(role) if answers is None else filter(None, [_chosen(role, answers)])
    return tuple({question.key: question for kind in kinds for question in _first(kind).questions}.values())


def questions(answers: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """In the order in which they are asked: what the kinds want that these answers choose; without answers, all kinds."""
    stores, suppliers, carriers = kinds_of(Role.STORE), kinds_of(Role.SUPPLIER), kinds_of(Role.CARRIER)
    money, sold = _currency(_chosen(Role.SUPPLIER, answers or {})), _currency(_chosen(Role.STORE, answers or {}))
    return (
        Question("shop_name", "The shop's name, as customers read it in mails", "Trail Lights"),
        Question("support_email", "The address that customers write to; it stands in every mail", "help@trail-lights.example"),
        Question("time_zone", "Your time zone, for dates in mails", "Europe/Helsinki", "UTC"),
        Question("store_kind", "What the shop runs on", stores[0], stores[0], stores),
        Question("store", "A short name for the store, for commands", "lamp-shop", "shop"),
        *_of(Role.STORE, answers),
        Question("currency", "The currency in which the store sells", "EUR", sold),
        Question("supplier_kind", "The supplier that sends the goods", suppliers[0], suppliers[0], suppliers),
        *_of(Role.SUPPLIER, answers),
        Question("fx_rate", f"What 1 of the store's currency costs today in the supplier's ({money})", "1.08"),
        Question("feed_url", "The address of a stock file of the same goods, or none", _A_FEED, NONE),
        *_of(Role.FEED, answers),
        Question("carrier_kind", "Who follows parcels for you, or none", carriers[0], NONE, (*carriers, NONE)),
        *_of(Role.CARRIER, answers),
        Question("ship_to_countries", "Where you ship to, as country codes; or all", "DE, FI, SE", "all"),
        Question("price_factor", "Price = what the goods and their freight cost you, times this", "2.4"),
        Question("minimum_margin", "The least that a price must leave, in percent of it", "15", "10"),
        Question("minimum_order_margin", "The least that an order must leave, in percent; below it you are asked", "8", "5"),
        Question("spend_per_day", f"The most that may be spent at the supplier in a day ({money}); then you are asked", "500.00"),
        Question("spend_per_order", f"The most that one purchase order may cost ({money}); above it you are asked", "120.00"),
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
  # colour: "#1b6e53"           # of mails and of the customer's page
  # logo_url: https://cdn.example.com/logo.png         # shown 48 pixels high
  # terms_url: https://www.example.com/terms           # linked on the customer's page
  # privacy_url: https://www.example.com/privacy

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
  # tracking:                   # the customer's page: docs/tracking-page.md
  #   address: https://parcels.example.com   # your own domain in front of the API
  #   link_days: 30             # a link ends so many days after the last parcel
  # Without destinations and fees a cost is goods and freight only: docs/money.md says how to add tax and duty.

limits:                         # in the supplier's currency
  spend_per_day:
    {supplier}: {spend_per_day}
  spend_per_purchase_order:
    {supplier}: {spend_per_order}
  minimum_order_margin_percent: {minimum_order_margin}
"""
_RATES = """\
  fx:                           # your own; one that is older than fx_max_age_days (7) stops what needs it
    - {{currency: {currency}, rate: {fx_rate}, dated: {today}}}
"""


def completed(answers: Mapping[str, str]) -> dict[str, str]:
    """All answers: those that are missing by their default, else by their example, so that one can be judged by itself.

    `supplier` is what the file calls the supplier.
    """
    asked = questions(answers)
    rest = {q.key: q.example if q.default is None else q.default for q in asked}
    said = {**rest, **{key: value.strip() for key, value in answers.items()}}
    for question in (q for q in asked if q.host):
        said[question.key] = re.sub(r"^https?://|/+$", "", said[question.key])
        said["store_url"] = f"https://{said[question.key]}"
    return said | {"currency": said["currency"].upper(), "supplier": _name(_chosen(Role.SUPPLIER, answers), said)}


def _name(kind: str, said: Mapping[str, str]) -> str:
    return _first(kind).lines.partition(":")[0].strip().format(**said)


def is_asked(question: Question, answers: Mapping[str, str]) -> bool:
    """Does it concern this shop, by the answers so far? A rate is of no use where all is in one currency, a stock file where
    the stock is counted here."""
    if question.key == "feed_url":
        return Capability.OWN_STOCK not in declaration(_chosen(Role.SUPPLIER, answers)).capabilities
    return question.key != "fx_rate" or completed(answers)["currency"] != _currency(_chosen(Role.SUPPLIER, answers))


def missing(answers: Mapping[str, str]) -> list[Question]:
    """What has no default, concerns this shop, and is not answered."""
    return [q for q in questions(answers) if q.default is None and not answers.get(q.key) and is_asked(q, answers)]


def connections_of(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name in the file, kind) of each connection that the answers make."""
    said, kinds = completed(answers), [_chosen(role, answers) for role in Role]
    return [(_name(kind, said), kind) for kind in kinds if kind]


def first_file(answers: Mapping[str, str], today: date) -> str:
    """The text of the file. What has no answer stands there by its default or example."""
    said, money = completed(answers), _currency(_chosen(Role.SUPPLIER, answers))
    for limit in ("spend_per_day", "spend_per_order"):
        said[limit] += f" {money}" if said[limit].replace(".", "", 1).isdigit() else ""
    codes = re.findall(r"[^\s,]+", re.sub(r"^ALL$", "", said["ship_to_countries"].upper()))
    # JSON's texts are YAML's, whatever stands in them.
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in said.items()}
    quoted |= {"supplier": said["supplier"]}
    parts = {
        "connections": "".join(_first(kind).lines for _, kind in connections_of(answers)).format(**quoted),
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
    has_catalogue = Capability.CATALOGUE in declaration(_chosen(Role.SUPPLIER, answers)).capabilities
    goods = (f"orderwright catalogue import {completed(answers)['supplier']}", "read the supplier's goods")
    return [
        (f"orderwright apply {file} --dry-run", "check it"),
        (f"orderwright apply {file} --why 'first version'", "make it the one in force"),
        *connects,
        *([goods] if has_catalogue else []),
        ("orderwright doctor", "see whether all is well"),
    ]
