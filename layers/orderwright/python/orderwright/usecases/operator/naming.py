"""Names in orderwright.yaml against the connections that they stand for: new, renamed, taken out, there again (P15)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import Connection, StoreSettings
from orderwright.domain.identity import Identity, new_id
from orderwright.usecases.operator.desk import Refused

Known = Mapping[str, Identity]
Texts = Mapping[str, str]


class RenamedOrNew(Refused):
    """Nobody can tell whether a new name is an account of before: `old` vanished, `now` is new."""

    def __init__(self, old: str, now: str, kind: str, gone: str = "not in the file any more") -> None:
        super().__init__(
            "RENAMED_OR_NEW",
            f"{old} is {gone} and {now} is new, both {kind}: the same account, or another one?",
            f"the same: orderwright apply orderwright.yaml --renamed {old}={now};"
            f" another one: orderwright apply orderwright.yaml --remove {old}",
        )
        self.old, self.now = old, now


class Named(NamedTuple):
    """Who is who in the new file. `renamed` are (before, now); `gone` are connections that were taken out just now."""

    identities: tuple[Identity, ...]
    renamed: tuple[tuple[str, str], ...]
    gone: tuple[Identity, ...]


def is_other_kind(identity: Identity, config: Config) -> bool:
    """Is its name in the file, for a connection of another kind?"""
    now = config.connections.get(identity.name)
    return now is not None and now.kind != identity.kind


def known_identities(stored: Sequence[Identity], config: Config | None) -> tuple[Identity, ...]:
    """Those that are kept, and for an installation of before P15 each name of the file as its own id."""
    named = {identity.name for identity in stored}
    connections = config.connections if config else {}
    stored = [one.of_kind(connections[one.name].kind) if one.name in connections else one for one in stored]
    before = [Identity(id=name, name=name, kind=c.kind) for name, c in connections.items() if name not in named]
    return (*stored, *before)


def name_connections(
    stored: Sequence[Identity], before: Config | None, after: Config, renamed: Texts, removed: Collection[str]
) -> Named:
    """Match the names of the new file. `renamed` maps a name of before to its new one, `removed` are meant to be taken out.

    A vanished name and a new one of the same kind are one connection only when the file shows the same shop for both, or when the
    operator says so. A name that is of another kind now is another connection: the secrets, orders and webhooks of before are
    another vendor's. Raises Refused with the option to use.
    """
    known = {identity.id: identity for identity in known_identities(stored, before)}
    by_name = {identity.name: identity for identity in known.values() if identity.name}
    kept = {name for name, one in after.connections.items() if name in by_name and by_name[name].kind == one.kind}
    new = [name for name in after.connections if name not in kept]
    vanished = [name for name in by_name if name not in kept]
    _check_renamed(by_name, known, vanished, new, renamed, after)
    _check_removed(removed, vanished)
    told: list[tuple[str, str]] = []
    for name in list(new):
        found = _same(name, after.connections[name], vanished, by_name, known, before, renamed)
        if found is not None:
            new.remove(name)
            known[found.id] = found.called(name)
            if found.name:
                vanished.remove(found.name)
                told.append((found.name, name))
    for name in new:
        kind = after.connections[name].kind
        unclear = [one for one in vanished if by_name[one].kind == kind and one not in removed]
        if unclear:
            changed = ("of another kind now",) if unclear[0] in after.connections else ()
            raise RenamedOrNew(unclear[0], name, kind, *changed)
        fresh = new_id(name, known)
        known[fresh] = Identity(id=fresh, name=name, kind=kind)
    return _named(known, told, [by_name[name] for name in vanished])


def named_as_then(
    stored: Sequence[Identity], before: Config | None, then: Sequence[Identity], after: Config, removed: Collection[str]
) -> Named:
    """Who is who when an earlier version is in force again. `then` are its own identities: a name may be another's by now.

    Raises Refused for a name in `removed` that is not taken out.
    """
    known = {identity.id: identity for identity in known_identities(stored, before)}
    back = {one.id: one for one in known_identities(then, after) if one.name in after.connections}
    gone = [one for one in known.values() if one.name and one.id not in back]
    _check_removed(removed, [one.name for one in gone])
    were = {key: known.get(key, one) for key, one in back.items()}
    told = [(one.name, back[key].name) for key, one in were.items() if one.name not in ("", back[key].name)]
    return _named({**known, **{key: one.called(back[key].name) for key, one in were.items()}}, told, gone)


def _named(known: Known, told: Sequence[tuple[str, str]], gone: Sequence[Identity]) -> Named:
    found = {**known, **{one.id: one.taken_out() for one in gone}}
    return Named(tuple(found.values()), tuple(told), tuple(gone))


def _same(
    name: str, now: Connection, lost: Sequence[str], by_name: Known, known: Known, old: Config | None, renamed: Texts
) -> Identity | None:
    """Who a new name was before: as the operator says, by the shop in the file, or the same name taken out earlier."""
    said = next((before for before, after in renamed.items() if after == name), None)
    if said is not None:
        mine = by_name.get(said)
        return mine if mine is not None and mine.kind == now.kind else _taken_out(said, known, now.kind)
    for before in lost:
        if by_name[before].kind == now.kind and old is not None and _one_shop(old.connections[before], now):
            return by_name[before]
    return _taken_out(name, known, now.kind)


def _one_shop(one: Connection, other: Connection) -> bool:
    return isinstance(one, StoreSettings) and isinstance(other, StoreSettings) and one.is_shop_of(other)


def _taken_out(name: str, known: Known, kind: str) -> Identity | None:
    return next((one for one in known.values() if (one.name, one.last_name, one.kind) == ("", name, kind)), None)


def _check_renamed(
    by_name: Known, known: Known, vanished: Sequence[str], new: Sequence[str], renamed: Texts, after: Config
) -> None:
    for old, now in renamed.items():
        kinds = [one.kind for one in known.values() if old == (one.name if one.name in vanished else one.last_name)]
        if now in new and kinds and after.connections[now].kind not in kinds:
            why = f"{old} was of kind {kinds[0]} and {now} is of kind {after.connections[now].kind}"
            raise Refused("RENAMED", f"--renamed {old}={now}: {why}", "leave it out: another kind is another account")
        if not kinds:
            why = "is still in the file" if old in by_name else "was never a connection"
            raise Refused("RENAMED", f"--renamed {old}={now}: {old} {why}", "name a connection that the file lost")
        if now not in new:
            why = f"{now} is no new name in the file"
            raise Refused("RENAMED", f"--renamed {old}={now}: {why}", "write it into the file")


def _check_removed(removed: Collection[str], vanished: Collection[str]) -> None:
    for name in removed:
        if name not in vanished:
            raise Refused("REMOVED", f"--remove {name}: it is in the file, or it never was", "take it out of the file")
