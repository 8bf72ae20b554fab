"""What a new configuration changes, field by field."""

from __future__ import annotations

from typing import Any, NamedTuple

from orderwright.domain.config import Config

Path = tuple[str, ...]


class Changed(NamedTuple):
    """One field; None where it is not there before or after. What is wholly new or gone is one row, in words."""

    field: str
    before: Any
    after: Any


def config_diff(old: Config | None, new: Config) -> list[Changed]:
    """All fields that differ, sorted. Entries of price rules and rates go by their name, not by their place."""
    before, after = _flat(_plain(old)) if old else {}, _flat(_plain(new))
    differ = {path for path in (*before, *after) if before.get(path) != after.get(path)}
    if old is None:
        return sorted(Changed(_label(path), before.get(path), after.get(path)) for path in differ)
    told = {
        **_wholes(differ, before, after, lambda words: (None, words), _flat(_plain(new, shortly=True))),
        **_wholes(differ, after, before, lambda words: (words, None), _flat(_plain(old, shortly=True))),
    }
    rows = [Changed(_label(path), *pair) for path, pair in told.items()]
    rows += [
        Changed(_label(path), before.get(path), after.get(path))
        for path in differ
        if not any(path[: len(whole)] == whole for whole in told)
    ]
    return sorted([*rows, *_order(old, new)], key=lambda row: row.field)


def _order(old: Config, new: Config) -> list[Changed]:
    """The first price rule that fits applies: rules that only stand in another order are a difference as well."""
    names = [[rule.name for rule in config.rules.prices] for config in (old, new)]
    before, after = ([name for name in own if name in other] for own, other in (names, names[::-1]))
    return [Changed("rules.prices", ", ".join(before), ", ".join(after))] if before != after else []


def _wholes(
    differ: set[Path], there: dict[Path, Any], here: dict[Path, Any], pair: Any, shortly: dict[Path, Any]
) -> Any:
    """A connection or an entry that only one side has, as one row: what of it is not the default, in words."""
    found: dict[Path, Any] = {}
    for path in sorted(differ):
        for size in range(2, len(path)):
            whole = path[:size]
            if path in here and not any(one[:size] == whole for one in there):
                parts = {one[size:]: value for one, value in shortly.items() if one[:size] == whole}
                found[whole] = pair(
                    ", ".join(f"{_label(one)} {value}" for one, value in parts.items()) or "as by default"
                )
                break
    return found


def _plain(config: Config, *, shortly: bool = False) -> dict[str, Any]:
    """As text, without the default values where `shortly`; a connection's role follows from its kind."""
    data = config.model_dump(mode="json", exclude_defaults=shortly)
    for name, settings in data.get("connections", {}).items():
        data["connections"][name] = {key: value for key, value in settings.items() if key != "role"}
    return data


def _flat(value: Any, path: Path = ()) -> dict[Path, Any]:
    if isinstance(value, dict) and value:
        parts = {name: part for name, part in value.items() if part is not None}
        return {key: leaf for name, part in parts.items() for key, leaf in _flat(part, (*path, name)).items()}
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        found: dict[Path, Any] = {}
        taken: set[str] = set()
        for index, part in enumerate(value):
            name = part.get("name") or (f"{part['currency']} {part['dated']}" if "dated" in part else str(index))
            label = f"[{name}]" if name not in taken else f"[{index}]"
            taken.add(name)
            found |= _flat(part, (*path, label))
        return found
    return {path: value}


def _label(path: Path) -> str:
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")
