"""The registry of everything that a visitor can do by `POST /api/actions/<name>`: arguments in JSON, checked, then done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from local.sandbox.sandbox import Sandbox


class Arguments(BaseModel):
    """Arguments of one action; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NoArguments(Arguments):
    """For actions that need none."""


class ActionRefused(Exception):
    """The arguments are well formed, but the vendor says no. `field` is the argument to change, or empty."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class BadArguments(Exception):
    """The arguments are not as described; `errors` rows name the field, the problem, and what was given instead."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{row['field']}: {row['message']}" for row in errors))
        self.errors = errors


AnyArguments = TypeVar("AnyArguments", bound=Arguments)
Result = dict[str, Any]


@dataclass(frozen=True)
class Action(Generic[AnyArguments]):
    """One thing to do. `run` is called with all vendors kept still."""

    name: str
    group: str
    summary: str
    arguments: type[AnyArguments]
    run: Callable[[Sandbox, AnyArguments], Result]

    def perform(self, sandbox: Sandbox, given: Mapping[str, Any]) -> Result:
        """Check the arguments and do it. Raises BadArguments or ActionRefused; nothing has happened then."""
        try:
            checked = self.arguments.model_validate(given)
        except ValidationError as error:
            raise BadArguments(_explained(error)) from None
        with sandbox.locked():
            return self.run(sandbox, checked)


def _explained(error: ValidationError) -> list[dict[str, str]]:
    rows = []
    for each in error.errors(include_url=False):
        field = ".".join(str(part) for part in each["loc"]) or "arguments"
        message = each["msg"].removeprefix("Value error, ")
        given = "missing" if each["type"] == "missing" else type(each["input"]).__name__
        rows.append({"field": field, "message": message, "given": given})
    return rows


def refuse_unknown(field: str, value: object, known: str) -> ActionRefused:
    """The refusal for a name that nothing answers to."""
    return ActionRefused(field, f"{value} is unknown here; {known}")


def described(action: Action[Any]) -> dict[str, Any]:
    """What the page about the actions says of one: its arguments with kind, default and meaning."""
    schema = action.arguments.model_json_schema()
    required = set(schema.get("required", ()))
    rows = [
        {
            "name": name,
            "kind": _kind(part, schema.get("$defs", {})),
            "required": name in required,
            "default": part.get("default"),
            "meaning": part.get("description", ""),
        }
        for name, part in schema.get("properties", {}).items()
    ]
    return {"name": action.name, "group": action.group, "summary": action.summary, "arguments": rows}


def _kind(part: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    if "$ref" in part:
        return _kind(defs[part["$ref"].rpartition("/")[2]], defs)
    if "enum" in part:
        return " | ".join(str(value) for value in part["enum"])
    if "const" in part:
        return str(part["const"])
    if "anyOf" in part:
        kinds = [_kind(each, defs) for each in part["anyOf"]]
        return " or ".join(dict.fromkeys(kind for kind in kinds))
    kind = str(part.get("type", "any"))
    if kind == "array":
        return f"list of {_kind(part['items'], defs)}"
    if kind == "object":
        inner = part.get("properties")
        return "{" + ", ".join(inner) + "}" if inner else "map of name to number"
    return kind
