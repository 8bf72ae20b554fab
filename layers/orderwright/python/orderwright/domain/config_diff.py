"""What a new configuration changes, field by field."""

from __future__ import annotations

from typing import Any, NamedTuple

from orderwright.domain.config import Config


class Changed(NamedTuple):
    """One field; None where it is not there before or after."""

    field: str
    before: Any
    after: Any


def config_diff(old: Config | None, new: Config) -> list[Changed]:
    """All fields that differ, sorted. Entries of price rules and rates go by their name, not by their place."""
    before = _flat(old.model_dump(mode="json"), "") if old else {}
    after = _flat(new.model_dump(mode="json"), "")
    fields = sorted(set(before) | set(after))
    return [Changed(f, before.get(f), after.get(f)) for f in fields if before.get(f) != after.get(f)]


def _flat(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, dict) and value:
        parts = {name: part for name, part in value.items() if part is not None}
        return {key: leaf for name, part in parts.items() for key, leaf in _flat(part, _join(path, name)).items()}
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        found: dict[str, Any] = {}
        for index, part in enumerate(value):
            name = part.get("name") or (f"{part['currency']} {part['dated']}" if "dated" in part else str(index))
            found |= _flat(part, f"{path}[{name}]" if f"{path}[{name}]" not in found else f"{path}[{index}]")
        return found
    return {path: value}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
