"""Operations of an OpenAPI 3.0 file as JSON Schema 2020-12, strict for requests and tolerant for answers."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jsonschema_rs
import yaml

_COMBINED = ("allOf", "oneOf", "anyOf")
_KEPT = frozenset(
    {
        "type", "enum", "format", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "multipleOf",
        "additionalProperties", "const",
    }
)  # fmt: skip


class _Plain(yaml.CSafeLoader):
    """Dates stay texts."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, shown) for tag, shown in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class Parameter(NamedTuple):
    """One name in a query, a path or a header."""

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]

    def faults(self, text: str) -> Iterator[str]:
        """What is wrong with a value of it."""
        try:
            value = self._read(text, self.schema)
        except ValueError:
            yield f"{self.name}: {text!r} is no {self.schema.get('type')}"
            return
        yield from (f"{self.name}: {fault}" for fault in faults(self.schema, value))

    def _read(self, text: str, schema: Mapping[str, Any]) -> Any:
        kind = schema.get("type")
        if kind == "array":
            return [self._read(one, schema.get("items") or {}) for one in text.split(",")]
        if kind in ("integer", "number"):
            return int(text) if kind == "integer" else float(text)
        return text == "true" if kind == "boolean" and text in ("true", "false") else text


def validator(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A schema, ready to be used."""
    return jsonschema_rs.Draft202012Validator(dict(schema))


def faults(schema: Mapping[str, Any] | jsonschema_rs.Draft202012Validator, value: Any) -> list[str]:
    """All that a value breaks of a schema."""
    made = validator(schema) if isinstance(schema, Mapping) else schema
    found = made.iter_errors(value)
    return [f"{'/'.join(map(str, one.instance_path)) or 'it'}: {one.message}"[:300] for one in found]


class Operation:
    """One method of one path. Schemas are made when they are first asked for."""

    def __init__(self, file: File, path: str, method: str, given: Mapping[str, Any], shared: list[Any]) -> None:
        self.name = f"{method.upper()} {path}"
        self._file, self._given, self._shared = file, given, shared

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Of the query, the path and the headers."""
        rows = [self._file.resolved(one) for one in (*self._shared, *(self._given.get("parameters") or ()))]
        return [
            Parameter(
                row["name"],
                row["in"],
                bool(row.get("required")),
                self._file.schema(row.get("schema") or {}, strict=True),
            )
            for row in rows
        ]

    @cached_property
    def body(self) -> Mapping[str, Any] | None:
        """The schema of its JSON body; None where it takes none."""
        asked = self._file.resolved(self._given.get("requestBody") or {})
        media = next((one for name, one in (asked.get("content") or {}).items() if "json" in name), None)
        return None if media is None else self._file.schema(media.get("schema") or {}, strict=True)

    def answer(self, status: int) -> Mapping[str, Any] | None:
        """The schema of an answer; None where the file does not say one."""
        rows = self._given.get("responses") or {}
        given = self._file.resolved(rows.get(str(status)) or rows.get(status) or rows.get("default") or {})
        media = next((one for name, one in (given.get("content") or {}).items() if "json" in name), None)
        return None if media is None else self._file.schema(media.get("schema") or {}, strict=False)


class File:
    """One OpenAPI 3.0 file; its operations by (method, pattern of the whole path)."""

    def __init__(self, file: Path) -> None:
        raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        self._all: Mapping[str, Any] = yaml.load(raw, Loader=_Plain)
        base = urlsplit(self._all["servers"][0]["url"]).path.rstrip("/")
        self.operations: list[tuple[str, re.Pattern[str], Operation]] = []
        for path, row in self._all["paths"].items():
            pattern = "".join(
                re.escape(part) if number % 2 == 0 else rf"(?P<{re.sub('[^a-z0-9]', '_', part)}{number}>[^/]+)"
                for number, part in enumerate(re.split(r"\{([^}]+)\}", base + path))
            )
            for method in set(row) & {"get", "put", "post", "delete", "patch"}:
                operation = Operation(self, path, method, row[method], row.get("parameters") or [])
                self.operations.append((method.upper(), re.compile(pattern), operation))

    def resolved(self, node: Any) -> Any:
        """What a reference stands for."""
        while isinstance(node, dict) and "$ref" in node:
            found: Any = self._all
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def schema(self, node: Any, *, strict: bool) -> dict[str, Any]:
        """A schema without references. `strict`: no name that is not declared, and none that only answers have."""
        return self._closed(self._schema(node, strict, ()), strict)

    @staticmethod
    def _closed(made: dict[str, Any], strict: bool) -> dict[str, Any]:
        def has_names(one: dict[str, Any]) -> bool:
            return "properties" in one or any(has_names(part) for key in _COMBINED for part in one.get(key, ()))

        return {**made, "unevaluatedProperties": False} if strict and has_names(made) else made

    def _schema(self, node: Any, strict: bool, above: tuple[int, ...]) -> dict[str, Any]:
        node = self.resolved(node)
        if not isinstance(node, dict) or id(node) in above:
            return {}
        above = (*above, id(node))
        made = {key: value for key, value in node.items() if key in _KEPT}
        if isinstance(made.get("additionalProperties"), dict):
            made["additionalProperties"] = self._schema(made["additionalProperties"], strict, above)
        if isinstance(node.get("properties"), dict):
            shown = {
                name: one
                for name, one in node["properties"].items()
                if not (strict and (self.resolved(one) or {}).get("readOnly"))
            }
            made["properties"] = {
                name: self._closed(self._schema(one, strict, above), strict) for name, one in shown.items()
            }
            required = node.get("required")
            if strict and isinstance(required, list):
                made["required"] = [name for name in required if name in shown]
        if "items" in node:
            made["items"] = self._closed(self._schema(node["items"], strict, above), strict)
        for key in _COMBINED:
            if key in node:
                # Open parts: what one declares the others need not.
                name = "anyOf" if key == "oneOf" else key
                made[name] = [*made.get(name, ()), *(self._schema(one, strict, above) for one in node[key])]
        if "enum" in made:
            made["enum"] = list({json.dumps(one): one for one in made["enum"]}.values())
        if not strict:
            made.pop("minItems", None)  # an empty page is no fault
        if node.get("nullable") or node.get("x-nullable") or not strict:
            made = _or_nothing(made)
        if isinstance(node.get("pattern"), str):
            try:
                jsonschema_rs.Draft202012Validator({"pattern": node["pattern"]})
                made["pattern"] = node["pattern"]
            except ValueError:
                pass  # a pattern of another dialect
        return made


def _or_nothing(made: dict[str, Any]) -> dict[str, Any]:
    kind = made.get("type")
    if isinstance(kind, str):
        made = {**made, "type": [kind, "null"]}
    return {**made, "enum": [*made["enum"], None]} if "enum" in made else made
