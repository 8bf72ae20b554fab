"""orderwright.yaml as text: read without YAML's surprises, checked, with line and field of every fault."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError

from local.cli.command import Problem
from local.cli.config_faults import faults_of
from orderwright.domain.config import Config

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


def read_config_text(text: str, name: str, profile: str = "aws") -> ConfigFile:
    """Check the text of a file for a stack of this profile. Raises Problem with every fault at once."""
    data, lines = _parse(text, name)
    if not isinstance(data, dict):
        fault = {"field": "", "message": "must hold connections, rules and limits by name", "fix": "", "line": 1}
        raise Problem("CONFIG_INVALID", f"{name} is not valid", [fault], "docs/orderwright.example.yaml shows one")
    try:
        config = Config.model_validate(data, context={"profile": profile})
    except ValidationError as error:
        raise Problem("CONFIG_INVALID", f"{name} is not valid", faults_of(error, data, lines)) from None
    header = _HEADER.search(text)
    return ConfigFile(config, int(header[1]) if header else None)


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
    data = _written(config.model_dump(mode="json", exclude_none=True))
    for settings in data["connections"].values():
        del settings["role"]  # it follows from the kind
    body = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf)
    return f"# applied version: {number}\n# yaml-language-server: $schema=docs/orderwright.schema.json\n{body}"


def _written(value: Any) -> Any:
    """Amounts as people write them: 49.00 USD."""
    if isinstance(value, list):
        return [_written(part) for part in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return {name: _written(part) for name, part in value.items()}


def _parse(text: str, name: str) -> tuple[Any, Mapping[Path, int]]:
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Path, int] = {}
        if node is not None:
            _note_lines(node, (), lines, name)
        return (loader.construct_document(node) if node is not None else None), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "it cannot be read"
        fault = {"field": "", "message": what, "fix": "mend the indentation or the quotes there",
                 "line": mark.line + 1 if mark else 0}  # fmt: skip
        raise Problem("CONFIG_UNREADABLE", f"{name} is not YAML", [fault]) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Problem("CONFIG_UNREADABLE", f"{name} is not YAML", [], "save it as UTF-8 text") from None
    finally:
        if loader is not None:
            loader.dispose()


def _note_lines(node: yaml.Node, path: Path, lines: dict[Path, int], name: str) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            label = str(key.value)
            if label in seen:
                fault = {"field": ".".join(map(str, (*path, label))), "message": "stands there twice",
                         "fix": "keep one of them", "line": key.start_mark.line + 1}  # fmt: skip
                raise Problem("CONFIG_INVALID", f"{name} is not valid", [fault])
            seen.add(label)
            lines[(*path, label)] = key.start_mark.line + 1
            _note_lines(value, (*path, label), lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*path, index), lines, name)
