"""A connection's place at the door for webhooks: its address and its signing secrets, as operators change them."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex
from typing import NamedTuple

from orderwright.domain.clock_text import utc_text
from orderwright.door_entries import KEPT_FOR, Entry, Secret, entry_name, entry_of
from orderwright.ports.operator import Secrets
from orderwright.registry import declaration
from orderwright.usecases.health import update_connection
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.office import Office

KEY_BYTES = 24
_MOST_NAME_CHARACTERS = 40
"""No name of a connection is longer, and every key is (48 characters): so the address of an older version is told apart."""
OVERLAP = timedelta(days=7)
"""How long the secret before stays valid. Vendors repeat a webhook for hours, two days at most, and sign it as they did first; a
person who changes a secret at the vendor a little later, or on Monday, loses nothing either."""
MOST_SECRETS = 5
_KNOWN_WITHIN = f"every function knows within {KEPT_FOR.seconds} seconds"


class Step(NamedTuple):
    """One thing that was done, in a stable word and in words for people."""

    step: str
    told: str


def held_entry(secrets: Secrets, name: str, now: datetime) -> Entry | None:
    """A connection's entry, or what an older version kept in its place; None when it was never connected."""
    held = secrets.read(*entry_name(name), fresh=True)
    if held is not None:
        return entry_of(name, held)
    before = secrets.read(name, "webhook", fresh=True) or {}
    if "secrets" not in before:
        return None
    newest, *others = [str(secret) for secret in before["secrets"]] or [""]
    ends = utc_text(now + OVERLAP)
    return Entry(str(before["kind"]), (name,), (Secret(newest), *(Secret(other, ends) for other in others)))


def webhook_urls(office: Office, name: str) -> list[str]:
    """Where this connection's vendor may send its webhooks: the newest address, and one of before that is still valid."""
    entry = held_entry(office.secrets, name, office.desk.now())
    if entry is None or _has_page_alone(entry.kind):
        return []
    return [_url(office, address) for address in entry.addresses]


def any_address(office: Office) -> str:
    """An address of this stack that is nobody's: to tell our addresses from those of another stack."""
    return _url(office, "-")


def open_door(office: Office, name: str, kind: str, *, new_address: bool = False) -> list[Step]:
    """See that the connection has an unguessable address. One that it had before stays valid. Raises Refused.

    A kind with a page has its signing secrets here; its address is the same for all, since each link is signed.
    """
    if _has_page_alone(kind):
        return _open_page(office, name, kind)
    if not declaration(kind).webhook:
        return []
    entry = held_entry(office.secrets, name, office.desk.now())
    if entry is None:
        entry = Entry(kind, (token_hex(KEY_BYTES),))
        told = f"{_url(office, entry.addresses[0])} {declaration(kind).by_hand}"
    elif new_address and len(entry.addresses) > 1:
        raise Refused(
            "OLD_ADDRESS_VALID",
            f"{office.name(name)} has an old webhook address that is still valid, and one is the most",
            f"end it first: orderwright connect {office.name(name)} --retire-old-address",
        )
    elif new_address or len(entry.addresses[0]) <= _MOST_NAME_CHARACTERS:
        entry = entry._replace(addresses=(token_hex(KEY_BYTES), entry.addresses[0]))
        told = (
            f"new: {_url(office, entry.addresses[0])} {declaration(kind).by_hand} The old one stays valid until "
            f"`orderwright connect {office.name(name)} --retire-old-address`."
        )
    else:
        told = ""
    if entry.kind != kind:
        # An account of another vendor under the same name: what signed for the one before signs nothing here.
        entry = entry._replace(kind=kind, secrets=())
    _keep(office, name, entry)
    return [Step("address", told.strip())] if told else []


def _open_page(office: Office, name: str, kind: str) -> list[Step]:
    entry = held_entry(office.secrets, name, office.desk.now())
    if entry is not None and entry.kind == kind:
        _keep(office, name, entry)
        return []
    entry = Entry(kind, (token_hex(KEY_BYTES),))
    _keep(office, name, entry)
    return [Step("page", f"links to purchase orders begin with {_url_of(office, entry)}")]


def keep_webhook_secret(office: Office, name: str, newest: str) -> list[Step]:
    """Make this the connection's signing secret. Those of before stay valid for OVERLAP from now on (promise P7)."""
    entry = _entry(office, name)
    if entry.secrets and entry.secrets[0].value == newest:
        return [Step("webhook_secret", "unchanged")]
    now = office.desk.now()
    ends = utc_text(now + OVERLAP)
    valid = set(entry.valid(utc_text(now))) - {newest, ""}
    others = [Secret(held.value, held.ends or ends) for held in entry.secrets if held.value in valid]
    _keep(office, name, entry._replace(secrets=(Secret(newest), *others)[:MOST_SECRETS]))
    until = f"; the one before stays valid until {ends[:16].replace('T', ' ')} UTC" if others else ""
    return [Step("webhook_secret", f"kept{until}")]


def revoke_old_secrets(office: Office, name: str) -> list[Step]:
    """From now on only the newest secret is valid. Raises Refused where there is none at all."""
    entry = _entry(office, name)
    _keep(office, name, entry._replace(secrets=entry.secrets[:1]))
    _note(office, name, "old webhook secrets revoked")
    return [Step("webhook_secret", f"only the newest is valid; {_KNOWN_WITHIN}")]


def retire_old_address_of(office: Office, name: str) -> list[Step]:
    """From now on only the newest address is valid. Raises Refused where there is none at all."""
    entry = _entry(office, name)
    kept = _url(office, entry.addresses[0])
    if len(entry.addresses) == 1:
        return [Step("address", f"there is no old one; valid is {kept}")]
    _keep(office, name, entry._replace(addresses=entry.addresses[:1]))
    _note(office, name, "old webhook address retired")
    return [Step("address", f"the old one is not valid any more, only {kept} is; {_KNOWN_WITHIN}")]


def carry_over(secrets: Secrets, name: str, now: datetime) -> bool:
    """Write down at the door what an older version kept elsewhere, so that an upgrade refuses no webhook; False: no need to."""
    if secrets.read(*entry_name(name), fresh=True) is not None:
        return False
    entry = held_entry(secrets, name, now)
    if entry is None:
        return False
    secrets.write(*entry_name(name), _plain(entry))
    return True


def _entry(office: Office, name: str) -> Entry:
    entry = held_entry(office.secrets, name, office.desk.now())
    if entry is None:
        raise Refused(
            "NOT_CONNECTED",
            f"{office.name(name)} has no webhook address yet",
            f"orderwright connect {office.name(name)}",
        )
    return entry


def _keep(office: Office, name: str, entry: Entry) -> None:
    """Write what differs; first at the door, so that nobody subscribes an address that is not valid there."""
    store = office.secrets
    if store.read(*entry_name(name), fresh=True) != _plain(entry):
        store.write(*entry_name(name), _plain(entry))
    url = {"url": _url_of(office, entry)}
    if store.read(name, "webhook", fresh=True) != url:
        store.write(name, "webhook", url)


def _plain(entry: Entry) -> dict[str, object]:
    return {"kind": entry.kind, "addresses": list(entry.addresses), "secrets": [list(one) for one in entry.secrets]}


def _url(office: Office, address: str) -> str:
    return f"{office.api_url.rstrip('/')}/webhooks/{address}"


def _url_of(office: Office, entry: Entry) -> str:
    """What the connector is told: the newest address, or the page where the kind has one instead."""
    if _has_page_alone(entry.kind):
        return f"{office.api_url.rstrip('/')}/purchase-orders"
    return _url(office, entry.addresses[0])


def _has_page_alone(kind: str) -> bool:
    declared = declaration(kind)
    return declared.page and not declared.webhook


def _note(office: Office, name: str, what: str) -> None:
    entry = office.desk.entry(what)
    update_connection(office.storage, name, lambda state: state.noted(entry), correlation=office.desk.correlation)
