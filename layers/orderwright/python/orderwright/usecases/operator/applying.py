"""A new version of orderwright.yaml: numbered, kept, and written only over the version that its author had seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from orderwright.domain.config import Config
from orderwright.domain.config_diff import Changed, config_diff
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.identity import Identity
from orderwright.domain.operations import StoredConfig
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.source_gone import SOURCE_GONE
from orderwright.domain.tracking_page import ShopFace
from orderwright.records import (
    CURRENT_CONFIG,
    ORDERS,
    SHOP_FACE,
    Stored,
    config_version_key,
    purchase_order_key,
)
from orderwright.storage import Copy, Fact, Put, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.explaining import not_counted
from orderwright.usecases.operator.naming import Named, is_other_kind, name_connections, named_as_then
from orderwright.usecases.operator.order_list import OPEN
from orderwright.usecases.stock.feeds import list_mark

MOST_ORDERS_READ = 10_000


class Applied(NamedTuple):
    """A version as it was applied. `number` 0: nothing was applied yet; a number without `config`: one that an older
    Orderwright wrote and this one cannot read, so that it has to be applied again.
    """

    number: int
    config: Config | None
    stored: StoredConfig | None

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Who each connection is."""
        return self.stored.identities if self.stored else ()


def current_config(storage: Storage) -> Applied:
    """The version that is in force."""
    return _read(storage.get(CURRENT_CONFIG, StoredConfig))


def config_version(storage: Storage, number: int) -> Applied:
    """One version by its number. Raises Refused when it was never applied."""
    held = storage.get(config_version_key(number), StoredConfig)
    if held is None:
        raise Refused("NOT_FOUND", f"version {number} was never applied", "orderwright export")
    return _read(held)


def in_force(found: Applied, instead: str = "") -> Config:
    """A version's configuration. Raises Refused when there is none that can be read; `instead`: what then helps."""
    if found.config is not None:
        return found.config
    fix = "orderwright apply orderwright.yaml"
    if found.number:
        what = f"version {found.number} was applied by another version of Orderwright and cannot be read"
        raise Refused("CONFIG_OUTDATED", what, instead or f"{fix} --base {found.number}")
    raise Refused("NO_CONFIGURATION", "no configuration is applied yet", fix)


def _read(held: Stored[StoredConfig] | None) -> Applied:
    if held is None:
        return Applied(0, None, None)
    try:
        return Applied(held.model.number, Config.model_validate_json(held.model.document), held.model)
    except ValidationError:
        return Applied(held.model.number, None, held.model)


class Proposal(NamedTuple):
    """What a new file would change: against which version, field by field, and what its rules do not count yet."""

    current: Applied
    changed: list[Changed]
    not_counted: list[str]

    @property
    def data(self) -> dict[str, Any]:
        """With stable keys."""
        return {
            "version": self.current.number,
            "changed": [one._asdict() for one in self.changed],
            "not_counted": self.not_counted,
            "applied": False,
        }


def propose(desk: Desk, config: Config, base: int | None) -> Proposal:
    """Compare it with the version in force. Nothing is written. Raises Refused for a base that is not in force, as applying does.

    A file that names no base is compared all the same: only applying has to know.
    """
    current = current_config(desk.storage)
    if current.number and base is not None and base != current.number:
        raise _stale(base, current.number)
    return Proposal(current, config_diff(current.config, config), not_counted(config, desk.now().date()))


def exported(storage: Storage, number: int | None) -> tuple[Config, StoredConfig]:
    """A version's configuration, or the one in force, and how it was applied. Raises Refused."""
    found = config_version(storage, number) if number else current_config(storage)
    config = in_force(found, "orderwright export   shows the current one" if number else "")
    assert found.stored is not None
    return config, found.stored


class Names(NamedTuple):
    """What the operator says of names that vanished. `removed` go with their open orders, `others` are only not

    the accounts of the new names. `then` is the earlier version that is to be in force again: it knows who was who.
    """

    renamed: Mapping[str, str] = {}
    removed: Collection[str] = ()
    others: Collection[str] = ()
    then: StoredConfig | None = None


def who_is_who(storage: Storage, current: Applied, config: Config, names: Names) -> Named:
    """The connections of a new version. Raises Refused (naming.py), and for one with open orders that is not to go."""
    stored, gone = current.identities, (*names.removed, *names.others)
    if names.then is not None:
        named = named_as_then(stored, current.config, names.then.identities, config, gone)
    else:
        named = name_connections(stored, current.config, config, names.renamed, gone)
    again = f"orderwright apply {f'--back-to {names.then.number}' if names.then else 'orderwright.yaml'}"
    for identity in named.gone:
        if identity.name not in names.removed and (order := open_order(storage, identity.id)):
            here = is_other_kind(identity, config)
            kind = f"is of kind {identity.kind} no more, and so another connection"
            what = kind if here else "is not in the file any more"
            renamed = f"; or, if it has only another name now: {again} --renamed {identity.name}=NEW"
            raise Refused(
                "OPEN_WORK",
                f"{identity.name} {what}, but has open orders, for example {order}",
                f"finish them first; or stop following them: {again} --remove {identity.name}"
                + ("" if names.then or here else renamed),
            )
    return named._replace(identities=_listed(current, config, named.identities))


def _listed(current: Applied, config: Config, identities: tuple[Identity, ...]) -> tuple[Identity, ...]:
    """Feeds of a supplier whose list this version changes get its number: their whole files count again. One that reported this
    supplier before, and did not meanwhile, is another source now.
    """
    stored, number = current.identities, current.number + 1
    new, old, found = config.by_ids(identities), current.config, {one.id: one for one in identities}
    old = old and old.by_ids(stored)
    for supplier in new.suppliers:
        for feed in new.feeds_of(supplier):
            if old is None or list_mark(old, supplier) != list_mark(new, supplier):
                found[feed] = found[feed].listed(number)
            if old is not None and feed not in old.feeds_of(supplier) and any(one.id == feed for one in stored):
                found[feed] = found[feed].put_back(number)
    return tuple(found.values())


def other_shops(current: Applied, named: Named, config: Config) -> list[str]:
    """Connections whose settings are another shop's than before, such as those of another stack's file: said, not refused."""
    if current.config is None:
        return []
    old, new, told = current.config.by_ids(current.identities), config.by_ids(named.identities), []
    for key, now in new.stores.items():
        before = old.connections.get(key)
        domains = [one.shop for one in (before, now) if isinstance(one, StoreSettings)]
        if len({domain.strip().lower() for domain in domains}) > 1:
            told.append(
                f"{new.name_of(key)}: {now.SHOP_FIELD} was {domains[0]} and is {domains[1]} now. Only where that is the same"
                " shop; another shop needs a connection of its own, with a name that was never used"
            )
    return told


def apply_config(desk: Desk, config: Config, base: int | None, names: Names | None = None) -> tuple[int, Named]:
    """Make it the current version; gives its number, and who is who. `base` is the version that its author started from.

    Raises Refused for a stale base: somebody applied another version meanwhile, which would be undone unseen; and as who_is_who.
    """
    # Each worker that learns an account writes the same item: only another version is somebody else's.
    return decided(lambda: _apply(desk, config, base, names or Names()))


def _apply(desk: Desk, config: Config, base: int | None, names: Names) -> tuple[int, Named]:
    held = desk.storage.get(CURRENT_CONFIG, StoredConfig)
    current = _read(held)
    number = current.number
    if number and base != number:
        raise _stale(base, number)
    named = who_is_who(desk.storage, current, config, names)
    stored = StoredConfig(
        number=number + 1,
        document=config.model_dump_json(),
        applied_at=desk.now(),
        applied_by=desk.name,
        identities=named.identities,
        rates=held.model.rates if held else (),
        heard=held.model.heard if held else {},
        unpriced=held is not None and (current.config == config or needs_repricing(current.config, config)),
    )
    desk.storage.commit(
        [
            Put(CURRENT_CONFIG, stored, held.version if held else 0, facts=_lost(current, config, named)),
            Put(config_version_key(number + 1), stored, 0),
            Copy(SHOP_FACE, ShopFace.of(config.by_ids(named.identities)), number + 1),
        ],
        correlation=desk.correlation,
    )
    return number + 1, named


def _lost(current: Applied, config: Config, named: Named) -> tuple[Fact, ...]:
    """One alert for each supplier that is not there any more, and each feed that reports nothing of its supplier any more."""
    if current.config is None:
        return ()
    old, new = current.config.by_ids(current.identities), config.by_ids(named.identities)
    facts = []
    for supplier in old.suppliers:
        name, now = old.name_of(supplier), new.sources_of(supplier)
        if not now.supplier:
            facts.append(alert(SOURCE_GONE, supplier, message=f"{name} is taken out: none of its offers is for sale"))
        for feed in old.feeds_of(supplier) if now.supplier else ():
            source = old.identity(feed).source
            said = f"{old.name_of(feed)} reports nothing of {name} any more: what only it said is not for sale until another does"
            facts += [] if now.is_known(source) else [alert(SOURCE_GONE, feed, message=said)]
    return tuple(facts)


def open_order(storage: Storage, connection: str) -> str:
    """The name of one order of this store, or with a purchase order at this supplier, that is not finished; "" for none."""
    for state in OPEN:
        keys = storage.in_state(ORDERS, state.value, MOST_ORDERS_READ)
        sold = [key.pk for key in keys if key.pk.startswith(f"{connection}#")]
        # The first purchase order at a supplier has number 1.
        first = [purchase_order_key(key.pk, connection, 1) for key in keys if not sold]
        bought = storage.get_many(first, PurchaseOrder)
        for pk in (*sold, *(key.pk for key in bought)):
            record = storage.load_order(pk).record
            return record.model.name if record else pk
    return ""


def _stale(base: int | None, current: int) -> Refused:
    started = "does not say which version it started from" if base is None else f"started from version {base}"
    if base is not None and base > current:
        started += ", which was never in force here"
    return Refused(
        "STALE_BASE",
        f"the file {started}; version {current} is in force",
        "orderwright export > current.yaml, bring your changes into it, and apply that;"
        f" or, after reading the difference: orderwright apply orderwright.yaml --base {current}",
    )


def needs_repricing(old: Config | None, new: Config) -> bool:
    """True when prices may come out differently (R27). Of a connection too: where a store sells, whose a feed is."""
    return old is None or (old.rules, old.limits, old.connections) != (new.rules, new.limits, new.connections)
