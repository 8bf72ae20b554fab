"""A file's faults in the operator's words: the field as it stands there, what it must be, what it is, what to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from local.cli import config_hints as hints
from orderwright.domain import config as cfg
from orderwright.domain import config_values, money_rules, repricing_rules, rules
from orderwright.domain.connection_settings import ConfigFault, Goods, settings_of
from orderwright.registry import CONNECTORS, declaration, kinds_of

_PATTERNS = {
    r"^[a-z][a-z0-9-]{1,39}$": "small letters, digits and hyphens, beginning with a letter, 2 to 40 characters",
    r"^https?://[^\s]+$": "an address beginning with https://",
    r"^[A-Z]{3}$": "a currency of three capital letters such as USD",
    r"^(\.\d{1,3}|\d{1,4})?$": 'an ending in quotes such as ".99" or "80", or ""',
    r"^(IM\d{10})?$": "an IOSS number: IM and ten digits",
}
_TYPES = {
    "string_type": "must be text; put it in quotes",
    "invalid_key": "must have text as its name; put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a number written in digits",
    "date_type": "must be a date such as 2026-11-20",
    "date_from_datetime_parsing": "must be a date such as 2026-11-20",
    "datetime_type": "must be a time such as 2026-11-27T08:00",
    "datetime_parsing": "must be a time such as 2026-11-27T08:00",
    "datetime_from_date_parsing": "must be a time such as 2026-11-27T08:00",
    "tuple_type": "must be a list",
    "dict_type": "must hold names and values",
    "model_type": "must hold names and values",
    "model_attributes_type": "must hold names and values",
}
# What stands for one kind of value in a pydantic path, where a field takes several: never a name in the file.
_BRANCH = re.compile(r"Goods|str|decimal|literal\[.+\]|function-.+")
_CHOICES = {
    "duty": 'must be "none", or names and values such as per_heading: 3.00 EUR',
    "goods": "must be your SKU as text in quotes, or names and values such as sku: LAMP-1",
    "compare_at": "must be msrp, or a number above 1 that the price is multiplied by",
}
_TERMS: dict[str, type[BaseModel]] = {
    "tax": money_rules.TaxTerms,
    "duty": money_rules.DutyTerms,
    "handling": money_rules.HandlingTerms,
    "above": money_rules.AboveTerms,
}
_MOVES: dict[str, type[BaseModel]] = {
    "competitors": repricing_rules.CompetitorMove,
    "demand": repricing_rules.DemandMove,
    "slow_movers": repricing_rules.SlowMove,
    "bounds": repricing_rules.Bounds,
}
# Under these names stand free names, or a list: no settings.
_HOLDERS = frozenset(
    ("connections", "prices", "sku_prices", "fx", "destinations", "fees", "tiers", "goods", "stock_words",
     "spend_per_day", "spend_per_purchase_order", "percent_by_heading", "percent_by_origin", "campaigns", "announced_costs")
)  # fmt: skip
_SECRETS = frozenset(
    ("api_key", "client_secret", "webhook_secret", "access_token", "token", "username", "password", "secret")
)
"""At any connection; beside them the names that its kind declares."""
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}

# "rules.fees.Cash on Delivery (COD).fixed: ..." names it from the top, "valid_from: ..." from where the rule stands.
_NAMED_FIELD = re.compile(r"^((?:merchant|connections|rules|limits)\.[^:]+|[a-z_.]+): (.*)$", re.DOTALL)
Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Where a value stands in the file (line from 1, column of its name from 0), and a single value as it is written."""

    line: int
    column: int
    text: str | None = None


Places = Mapping[Path, Place]


def all_names() -> frozenset[str]:
    """Every setting that there is."""
    schema = cfg.Config.model_json_schema()
    found = {name for one in (schema, *schema["$defs"].values()) for name in one.get("properties", ())}
    return frozenset(found | {*config_values.MoneyText.model_fields})


def refused(faults: Iterable[ConfigFault], places: Places) -> list[dict[str, Any]]:
    """What cannot be meant, in the form and order of faults_of."""
    told = []
    for path, message, fix in faults:
        text = places[path].text if path in places else None
        # An amount in its long form has its number one level below.
        text = places[(*path, "amount")].text if text is None and (*path, "amount") in places else text
        better = "" if text is None else hints.place_fix(path, text)
        if text is not None and "ISO 4217" in message:
            better = hints.currency_fix(text)
        shown = _got(text, text) if text is not None and hints.may_show(text) and text not in message else ""
        told.append(
            {"field": ".".join(map(str, path)), "message": message + shown, "fix": better or fix, "line": _line(path, places)}
        )  # fmt: skip
    return sorted(told, key=lambda fault: fault["line"])


def _line(path: Path, places: Places) -> int:
    while path and path not in places:
        named = (*path[:-1], str(path[-1]))  # a name that YAML took for a number
        path = named if named in places else path[:-1]
    return places[path].line if path in places else 0


def _got(text: str | None, value: Any) -> str:
    """A value as it stands in the file, where it can be no secret; else what kind of value it is."""
    if text is None and value is None:
        return ""
    if text is None or not hints.may_show(text):
        return f" (got {kind_of(value)})"
    return f' (got "{text}")' if isinstance(value, str) else f" (got {text})"


def faults_of(error: ValidationError, data: Any, lines: Places) -> list[dict[str, Any]]:
    """Every fault as {"field", "message", "fix", "line"}, in the order of the file."""
    found = error.errors(include_url=False)
    faults = [_fault(details, data, lines) for details in found if not _follows(details, found, data)]
    unique = [fault for number, fault in enumerate(faults) if fault not in faults[:number]]
    return sorted(unique, key=lambda fault: fault["line"] or 0)


def _follows(details: ErrorDetails, found: list[ErrorDetails], data: Any) -> bool:
    """Does it only repeat another fault: an empty list of what was refused, a kind of value that was not meant?"""
    loc = details["loc"]
    if details["type"] == "too_short":
        return any(other["loc"][: len(loc)] == loc and other is not details for other in found)
    # Names and values were given: they are judged as such, not as text.
    of_kind = bool(loc) and _is_branch(loc[-1]) and details["type"] != "value_error"
    return of_kind and isinstance(_value_at(file_path(loc, data), data), dict)


def _is_branch(part: str | int) -> bool:
    return isinstance(part, str) and _BRANCH.fullmatch(part) is not None


def _value_at(path: Path, data: Any) -> Any:
    for part in path:
        data = data[part]
    return data


def _fault(details: ErrorDetails, data: Any, places: Places) -> dict[str, Any]:
    path = file_path(details["loc"], data)
    message, fix = _words(details, path, data, places)
    named = _NAMED_FIELD.match(message) if details["type"] == "value_error" else None
    if named:
        # Rules across fields name the field themselves.
        inside = tuple(int(part) if part.isdigit() else part for part in named[1].split("."))
        path = inside if inside[0] in cfg.Config.model_fields else (*path, *inside)
        message = named[2]
    elif details["type"] in ("kind_missing", "kind_unknown"):
        path = (*path, "kind")
    return {"field": ".".join(map(str, path)), "message": message, "fix": fix, "line": _line(path, places)}


def file_path(loc: tuple[str | int, ...], data: Any) -> Path:
    """Where it stands in the file: pydantic says in between which kind of value it tried."""
    path: list[str | int] = []
    for part in loc:
        if part == "[key]":
            continue
        known = isinstance(data, dict) and part in data
        if not known and _is_branch(part):
            continue
        path.append(part)
        inside = known or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        data = data[part] if inside else None
    return tuple(path)


def _words(details: ErrorDetails, path: Path, data: Any, places: Places) -> tuple[str, str]:
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    place = places.get(path)
    # Of a name that does not fit, the name is in the path already.
    text = None if place is None or details["loc"][-1:] == ("[key]",) or isinstance(given, dict) else place.text
    if kind == "value_error" and "decimals" in details["msg"] and isinstance(given, dict):
        text = f"{places[(*path, 'amount')].text} {given.get('currency')}"
        given = text
    got = _got(text, given) or f" (got {kind_of(given)})"
    fix = _fix(kind, details["msg"], path, text) if text is not None else _known_connections(details["msg"], data)
    if details["loc"] and _is_branch(details["loc"][-1]) and kind != "value_error":
        choice = next((words for name, words in _CHOICES.items() if name in path), "must be of another kind")
        return f"{choice}{got}", ""
    if kind == "missing":
        return "is missing", ""
    if kind == "extra_forbidden":
        return _unknown(path, data, places)
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {context[name]}{got}", ""
    if kind in _TYPES:
        too_shallow = _misplaced(path, data, places) if "model" in kind else None
        return too_shallow or (f"{_TYPES[kind]}{got}", fix)
    if kind in ("literal_error", "enum"):
        near = get_close_matches(text or "", re.findall("'(.*?)'", context["expected"]), n=1)
        return f"must be {context['expected']}{got}", f"did you mean {near[0]}?" if near else ""
    if kind == "string_pattern_mismatch":
        return f"must be {_PATTERNS.get(str(context['pattern']), 'of another form')}{got}", fix
    if kind.startswith("ADDRESS_"):
        return f"{details['msg']}{got}", context["fix"]
    if kind == "too_short":
        return "must name at least one", ""
    if kind in ("kind_missing", "kind_unknown"):
        settings = _value_at(path, data)
        given = settings.get("kind") if isinstance(settings, dict) else None
        near = get_close_matches(str(given), CONNECTORS, n=1, cutoff=0.5)
        missing = kind == "kind_missing"
        said = f"{'is missing: it ' if missing else ''}must be one of {', '.join(CONNECTORS)}"
        misplaced = _misplaced(path, data, places) if missing else None
        place = places.get((*path, "kind"))
        return misplaced or (
            said + _got(place.text if place else None, given),
            f"did you mean {near[0]}?" if near else "",
        )
    said = details["msg"].removeprefix("Value error, ")
    return said + (got if text is not None and ", got " not in said else ""), fix


def _fix(kind: str, message: str, path: Path, text: str) -> str:
    if kind.startswith(("decimal_", "int_", "finite_")):
        return hints.number_fix(text)
    if kind.startswith("date_"):
        return hints.date_fix(text)
    if kind == "string_type":
        return f'write "{text}"' if hints.may_show(text) else ""
    if kind == "string_pattern_mismatch" and path[-1] in ("currency", "base_currency"):
        return hints.currency_fix(text)
    if kind == "tuple_type":
        return f"write [{hints.place_fix(path, text).removeprefix('write ') or text}]" if hints.may_show(text) else ""
    if kind == "value_error" and "IANA" in message:
        return hints.zone_fix(text)
    if kind == "value_error":
        return hints.amount_fix(text) if "amount" in message else hints.place_fix(path, text)
    return ""


def _known_connections(message: str, data: Any) -> str:
    """For a name that is no connection of a role: those that are."""
    role = re.search(r"there is no (\w+) connection called", message)
    if role is None:
        return ""
    kinds = kinds_of(role[1])
    names = [name for name, one in data["connections"].items() if isinstance(one, dict) and one.get("kind") in kinds]
    return f"{role[1]}s here: {', '.join(names) or 'none'}"


def _names(path: Path, data: Any) -> list[str]:
    model = None if path and path[-1] in _HOLDERS else _model_at(path, data)
    return [field.alias or name for name, field in model.model_fields.items() if name != "role"] if model else []


def _unknown(path: Path, data: Any, places: Places) -> tuple[str, str]:
    name, names = str(path[-1]), _names(path[:-1], data)
    kind = _kind_at(path, data)
    declared = {secret.name for secret in declaration(kind).secrets} if kind else set()
    if name in _SECRETS | declared and path[0] == "connections":
        return "is a secret, which never stands in this file", f"take it out, then: orderwright connect {path[1]}"
    misplaced = _misplaced(path, data, places)
    if misplaced:
        return misplaced
    known = f"known here: {', '.join(names)}" if names else "take it out"
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    return "is not known", f"did you mean {near[0]}? {known}" if near else known


def _kind_at(path: Path, data: Any) -> str:
    """The kind of the connection that a path leads into; "" for none that there is."""
    settings = _value_at(path[:2], data) if path[:1] == ("connections",) else None
    kind = str(settings.get("kind")) if isinstance(settings, dict) else ""
    return kind if kind in CONNECTORS else ""


def _misplaced(path: Path, data: Any, places: Places) -> tuple[str, str] | None:
    """A setting that is none where it stands, and one on the levels around it: there the indentation is the fault."""
    name = str(path[-1])
    for depth in range(len(path) - 2, -1, -1):
        if name in _names(path[:depth], data):
            return _stands("too deep", path[:depth], path[: depth + 1], places)
    around = _value_at(path[:-1], data)
    if isinstance(around, dict) and list(around).index(path[-1]):
        inside: Path = (*path[:-1], list(around)[list(around).index(path[-1]) - 1])
        while True:
            value = _value_at(inside, data)
            if isinstance(value, dict) and name in _names(inside, data):
                return _stands("too shallow", inside, (*inside, next(iter(value))), places)
            if value is None and inside == ("connections",):
                return _stands("too shallow", inside, None, places)
            if not value or not isinstance(value, dict | list):
                break
            inside = (*inside, list(value)[-1] if isinstance(value, dict) else len(value) - 1)
    return None


def _stands(how: str, where: Path, beside: Path | None, places: Places) -> tuple[str, str]:
    if not where:
        return "stands too deep: it begins a part of its own", "write it without spaces before it, like rules"
    belongs = f"belongs to {'.'.join(map(str, where))}"
    place = places.get(beside) if beside else None
    spaces = (
        f"indent it by {place.column} spaces, like {beside[-1]}" if place and beside else "indent it by 2 more spaces"
    )
    return f"stands {how}: it {belongs}", spaces


def _model_at(path: Path, data: Any) -> type[BaseModel] | None:
    if len(path) == 2 and path[0] == "connections":
        kind = _kind_at(path, data)
        return settings_of(kind) if kind else None
    shape = tuple("*" if isinstance(part, int) else part for part in path)
    if len(shape) == 4 and shape[0] == "connections" and shape[2] == "goods":
        return Goods
    if len(shape) == 3 and shape[:2] == ("rules", "sku_prices"):
        return rules.MapPrice
    if len(shape) == 3 and shape[:2] == ("rules", "campaigns"):
        return repricing_rules.Campaign
    known: dict[Path, type[BaseModel]] = {
        (): cfg.Config,
        ("merchant",): cfg.Merchant,
        ("rules",): rules.Rules,
        ("rules", "prices", "*"): rules.PriceRule,
        ("rules", "prices", "*", "tiers", "*"): rules.PriceTier,
        ("rules", "fx", "*"): rules.FxRate,
        ("rules", "destinations", "*"): money_rules.DestinationRule,
        ("rules", "announced_costs", "*"): repricing_rules.AnnouncedCost,
        **{("rules", "prices", "*", name): model for name, model in _MOVES.items()},
        ("limits",): rules.Limits,
    }
    if len(shape) >= 3 and shape[:2] == ("rules", "fees"):
        return money_rules.FeeRule if len(shape) == 3 else config_values.MoneyText
    if shape[:2] == ("rules", "destinations") and str(shape[-1]) in _TERMS:
        return _TERMS[str(shape[-1])]
    return known.get(shape, config_values.MoneyText)


def kind_of(value: object) -> str:
    """What a value is, never the value: a secret may have been put into the wrong place."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    for kinds, words in (
        (int, "a whole number"),
        ((float, Decimal), "a number with a fraction"),
        (date, "a date"),
        (dict, "names and values"),
        ((list, tuple), "a list"),
    ):
        if isinstance(value, kinds):
            return words
    return f"text of {len(value)} characters" if isinstance(value, str) else type(value).__name__
