"""pydantic's errors in the operator's words: the field as it stands in the file, what it must be, what kind it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from orderwright.domain import config as cfg
from orderwright.domain import config_values, money_rules, rules

_KINDS: dict[str, type[BaseModel]] = {
    "shopify": cfg.ShopifyConnection,
    "cj": cfg.CjConnection,
    "csv": cfg.CsvConnection,
    "easypost": cfg.EasyPostConnection,
}
_PATTERNS = {
    r"^[a-z][a-z0-9-]{1,39}$": "small letters, digits and hyphens, beginning with a letter, 2 to 40 characters",
    r"^https?://[^\s]+$": "an address beginning with https://",
    r"^[A-Z]{3}$": "a currency of three capital letters such as USD",
    r"^(\.\d{1,3}|\d{1,4})?$": 'an ending in quotes such as ".99" or "80", or ""',
    r"^(IM\d{10})?$": "an IOSS number: IM and ten digits",
}
_TYPES = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a number",
    "date_type": "must be a date such as 2026-11-20",
    "date_from_datetime_parsing": "must be a date such as 2026-11-20",
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
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}

# "rules.fees.Cash on Delivery (COD).fixed: ..." names it from the top, "valid_from: ..." from where the rule stands.
_NAMED_FIELD = re.compile(r"^((?:merchant|connections|rules|limits)\.[^:]+|[a-z_.]+): (.*)$", re.DOTALL)
Path = tuple[str | int, ...]


def faults_of(error: ValidationError, data: Any, lines: Mapping[Path, int]) -> list[dict[str, Any]]:
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


def _fault(details: ErrorDetails, data: Any, lines: Mapping[Path, int]) -> dict[str, Any]:
    path = file_path(details["loc"], data)
    message, fix = _words(details, path, data)
    field = ".".join(map(str, path))
    named = _NAMED_FIELD.match(message) if details["type"] == "value_error" else None
    if named:
        # Rules across fields name the field themselves.
        inside = tuple(int(part) if part.isdigit() else part for part in named[1].split("."))
        path = inside if inside[0] in cfg.Config.model_fields else (*path, *inside)
        field, message = ".".join(map(str, path)), named[2]
    while path and path not in lines:
        path = path[:-1]
    return {"field": field, "message": message, "fix": fix, "line": lines.get(path, 0)}


def file_path(loc: tuple[str | int, ...], data: Any) -> Path:
    """Where it stands in the file: pydantic puts a connection's kind between its name and its field."""
    path: list[str | int] = []
    for part in loc:
        if part == "[key]":
            continue
        known = isinstance(data, dict) and part in data
        if not known and _is_branch(part):
            continue
        if isinstance(data, dict) and not known and data.get("kind") == part:
            continue
        path.append(part)
        inside = known or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        data = data[part] if inside else None
    return tuple(path)


def _words(details: ErrorDetails, path: Path, data: Any) -> tuple[str, str]:
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    got = f" (got {kind_of(given)})"
    if details["loc"] and _is_branch(details["loc"][-1]) and kind != "value_error":
        choice = next((words for name, words in _CHOICES.items() if name in path), "must be of another kind")
        return f"{choice}{got}", ""
    if kind == "missing":
        return "is missing", ""
    if kind == "extra_forbidden":
        return _unknown(path, data)
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {context[name]}{got}", ""
    if kind in _TYPES:
        return f"{_TYPES[kind]}{got}", ""
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}{got}", ""
    if kind == "string_pattern_mismatch":
        return f"must be {_PATTERNS.get(str(context['pattern']), 'of another form')}{got}", ""
    if kind.startswith("ADDRESS_"):
        return f"{details['msg']}{got}", context["fix"]
    if kind == "too_short":
        return "must name at least one", ""
    if kind == "union_tag_invalid":
        return f"kind must be one of {', '.join(_KINDS)}", ""
    if kind == "union_tag_not_found":
        return f"kind is missing: it must be one of {', '.join(_KINDS)}", ""
    return details["msg"].removeprefix("Value error, ") + ("" if kind == "value_error" else got), ""


def _unknown(path: Path, data: Any) -> tuple[str, str]:
    model = _model_at(path[:-1], data)
    names = [field.alias or name for name, field in model.model_fields.items() if name != "role"] if model else []
    near = get_close_matches(str(path[-1]), names, n=1, cutoff=0.5)
    if near:
        return "is not known", f"did you mean {near[0]}?"
    return "is not known", f"known here: {', '.join(names)}" if names else "take it out"


def _model_at(path: Path, data: Any) -> type[BaseModel] | None:
    if len(path) == 2 and path[0] == "connections":
        settings = data["connections"][path[1]]
        return _KINDS.get(str(settings.get("kind"))) if isinstance(settings, dict) else None
    shape = tuple("*" if isinstance(part, int) else part for part in path)
    if len(shape) == 4 and shape[0] == "connections" and shape[2] == "goods":
        return cfg.Goods
    if len(shape) == 3 and shape[:2] == ("rules", "sku_prices"):
        return rules.MapPrice
    known: dict[Path, type[BaseModel]] = {
        (): cfg.Config,
        ("merchant",): cfg.Merchant,
        ("rules",): rules.Rules,
        ("rules", "prices", "*"): rules.PriceRule,
        ("rules", "prices", "*", "tiers", "*"): rules.PriceTier,
        ("rules", "fx", "*"): rules.FxRate,
        ("rules", "destinations", "*"): money_rules.DestinationRule,
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
