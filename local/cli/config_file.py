"""orderwright.yaml as text: read without YAML's surprises, checked, with line and field of every fault."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError

from local.cli.command import Problem
from local.cli.config_faults import Place, Places, all_names, faults_of, refused
from local.cli.config_unreadable import unreadable
from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse

_HEADER = re.compile(r"^#\s*applied version:\s*(\d+)\s*$", re.MULTILINE | re.IGNORECASE)
_BOOLEAN = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")

_SHORT = 100

Path = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Numbers exact, and only true and false are booleans: NO is Norway."""


def _exact(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_yaml_float(node)))


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tTfF"))
_Loader.add_constructor("tag:yaml.org,2002:float", _exact)


@dataclass(frozen=True)
class ConfigFile:
    """A valid file: its configuration, and the version that it says it started from."""

    config: Config
    base: int | None


def read_config_text(text: str, name: str, profile: str = "aws", today: date | None = None) -> ConfigFile:
    """Check the text of a file for a stack of this profile. Raises Problem with every fault at once. `today` is in UTC."""
    data, places = _parse(text, name)
    if not isinstance(data, dict):
        fault = {"field": "", "message": "must hold connections, rules and limits by name", "fix": "", "line": 1}
        raise Problem("CONFIG_INVALID", f"{name} is not valid", [fault], "docs/orderwright.example.yaml shows one")
    config = _checked(data, places, name, profile, today)
    header = _HEADER.search(text)
    return ConfigFile(config, int(header[1]) if header else None)


def _checked(data: Any, places: Places, name: str, profile: str, today: date | None) -> Config:
    try:
        config = Config.model_validate(data, context={"profile": profile})
    except ValidationError as error:
        raise Problem("CONFIG_INVALID", f"{name} is not valid", faults_of(error, data, places)) from None
    not_meant = faults_to_refuse(config, today or datetime.now(UTC).date())
    if not_meant:
        raise Problem("CONFIG_INVALID", f"{name} is not valid", refused(not_meant, places))
    return config


def read_rules_text(text: str, name: str, now: Config, profile: str = "aws", today: date | None = None) -> Config:
    """A whole file, or rules alone: what those do not name stays as in `now`, a configuration by names. Raises Problem."""
    data, places = _parse(text, name)
    if not isinstance(data, dict) or data.keys() & {"connections", "merchant"}:
        return read_config_text(text, name, profile, today).config
    if not data.keys() & {"rules", "limits"}:
        data, places = {"rules": data}, {("rules", *path): place for path, place in places.items()}
    whole = _as_in_a_file(now)
    for part, given in data.items():
        kept = whole.get(part)
        whole[part] = {**kept, **given} if isinstance(kept, dict) and isinstance(given, dict) else given
    return _checked(whole, places, name, profile, today)


def with_header(text: str, number: int) -> str:
    """The same text saying which version it is now."""
    line = f"# applied version: {number}"
    return _HEADER.sub(line, text, count=1) if _HEADER.search(text) else f"{line}\n{text}"


class _Dumper(yaml.SafeDumper):
    """Lists under their key, short ones on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _list(dumper: _Dumper, value: list[Any]) -> yaml.Node:
    short = all(isinstance(part, str | int) for part in value) and sum(len(str(part)) + 2 for part in value) < _SHORT
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)


_Dumper.add_representer(list, _list)


def config_text(config: Config, number: int) -> str:
    """A configuration as a file: complete, and to the byte the same whenever the same is written.

    Every setting stands there, so that a later version's other default changes nothing. Nothing is folded.
    """
    body = yaml.dump(_as_in_a_file(config), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf)
    return f"# applied version: {number}\n# yaml-language-server: $schema=docs/orderwright.schema.json\n{body}"


def _as_in_a_file(config: Config) -> dict[str, Any]:
    data: dict[str, Any] = _written(config.model_dump(mode="json", exclude_none=True))
    for settings in data["connections"].values():
        del settings["role"]  # it follows from the kind
    return data


def _written(value: Any) -> Any:
    """Amounts as people write them: 49.00 USD."""
    if isinstance(value, list):
        return [_written(part) for part in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return {name: _written(part) for name, part in value.items()}


def _parse(text: str, name: str) -> tuple[Any, Places]:
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        places: dict[Path, Place] = {}
        if node is not None:
            _note_places(node, (), places, name)
        return (loader.construct_document(node) if node is not None else None), places
    except yaml.MarkedYAMLError as error:
        line, message, fix = unreadable(error, text, all_names())
        fault = {"field": "", "message": message, "fix": fix, "line": line}
        raise Problem("CONFIG_UNREADABLE", f"{name} cannot be read", [fault]) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Problem("CONFIG_UNREADABLE", f"{name} cannot be read", [], "save it as UTF-8 text") from None
    finally:
        if loader is not None:
            loader.dispose()


def _note_places(node: yaml.Node, path: Path, places: dict[Path, Place], name: str) -> None:
    text = node.value if isinstance(node, yaml.ScalarNode) else None
    place = places.get(path) or Place(node.start_mark.line + 1, node.start_mark.column)
    places[path] = place._replace(text=text)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            at = (*path, str(key.value))
            if at in places:
                fault = {"field": ".".join(map(str, at)), "message": f"stands there twice, first in line {places[at].line}",
                         "fix": "keep one of them", "line": key.start_mark.line + 1}  # fmt: skip
                raise Problem("CONFIG_INVALID", f"{name} is not valid", [fault])
            places[at] = Place(key.start_mark.line + 1, key.start_mark.column)
            _note_places(value, at, places, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_places(value, (*path, index), places, name)
