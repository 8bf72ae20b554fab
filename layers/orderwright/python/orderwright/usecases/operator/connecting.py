"""Connecting one account: keep its secrets, try them with a real call, subscribe its webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from orderwright.config_store import note_identity
from orderwright.domain.base import iso
from orderwright.domain.config import Connection, ShopifyConnection
from orderwright.domain.identity import Identity
from orderwright.domain.operations import ConnectionState
from orderwright.door_entries import entry_name
from orderwright.errors import NotFound, Rejected, VendorError
from orderwright.records import CATALOGUE
from orderwright.usecases.health import note_failure, update_connection
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.webhook_door import Step, keep_webhook_secret, open_door, webhook_urls

_MOST_SKUS = 100_000


def connect_account(
    office: Office,
    name: str,
    settings: Connection,
    given: Mapping[str, str] | None,
    *,
    new_address: bool = False,
    second_stack: bool = False,
) -> list[Step]:
    """All of it. Raises Refused or a VendorError; the secrets that worked before are in force again then.

    `name` is the connection's id here and below: what keys and addresses go by. Without `given` it goes by what is kept.
    """
    store, kind = office.secrets, settings.kind
    before = {part: store.read(*part, fresh=True) for part in ((name, "secrets"), (name, "token"), entry_name(name))}
    steps = open_door(office, name, kind, new_address=new_address)
    if given is not None:
        steps += store_secrets(office, name, kind, given)
    try:
        steps += try_connection(office, name, settings)
        account = office.connector(name).account()
        check_account(office, name, account)
        if not second_stack:
            check_no_other_stack(office, name)
    except (Refused, VendorError):
        if before[name, "secrets"] is not None:
            for part, value in before.items():
                if value is not None and store.read(*part) != value:
                    store.write(*part, value)
        raise
    note_account(office, name, kind, account, second_stack=second_stack)
    steps += subscribe(office, name, kind)
    note_connected(office, name, subscribed=kind != "csv")
    return steps


def check_account(office: Office, name: str, account: str) -> None:
    """It is the account that this connection always was, and no other connection's. Raises Refused (P15)."""
    if not account:
        return
    found = current_config(office.storage)
    identities = {identity.id: identity for identity in (found.stored.identities if found.stored else ())}
    mine = identities.get(name)
    called = office.name(name)
    if mine is not None and mine.account and mine.account != account:
        raise Refused(
            "ANOTHER_ACCOUNT",
            f"these secrets are another account's than {called} was connected to before",
            "give that account a connection of its own in orderwright.yaml, with a name that was never used; "
            f"{called} keeps the secrets of before",
        )
    other = next((one for one in identities.values() if one.account == account and one.id != name), None)
    if other is not None and other.name:
        raise Refused(
            "SAME_ACCOUNT",
            f"{other.name} is connected to this account already; twice, each of its orders would be bought twice",
            f"take {called} out of orderwright.yaml, or connect it to another account",
        )
    if other is not None:
        raise Refused(
            "SAME_ACCOUNT",
            f"this account was called {other.last_name} before, and its orders are known under that name",
            f"orderwright apply --renamed {other.last_name}={called}",
        )


def check_no_other_stack(office: Office, name: str) -> None:
    """No other Orderwright takes this shop's webhooks. Raises Refused naming the option, a VendorError."""
    look = getattr(office.connector(name), "foreign_webhooks", None)
    if look is None or office.config.identity(name).second_stack:
        return
    foreign = look(webhook_urls(office, name)[0])
    if foreign:
        raise Refused(
            "SECOND_STACK",
            f"this shop's webhooks go to another address as well: {foreign[0]}. Two stacks would both buy its orders",
            "stop the other one and delete its subscriptions; or, if both are meant: orderwright connect "
            f"{office.name(name)} --second-stack",
        )


def note_account(office: Office, name: str, kind: str, account: str, *, second_stack: bool) -> None:
    """Who this connection is, from its first connect on."""
    now = office.desk.now()

    known = partial(Identity.connected, account=account, now=now, second_stack=second_stack)
    note_identity(office.storage, name, kind, known)


def store_secrets(office: Office, name: str, kind: str, given: Mapping[str, str]) -> list[Step]:
    """Keep the secrets; the webhook secret before stays valid beside the new one for a week (promise P7).

    The webhook secrets go first: news signed with the new one must find it there.
    """
    steps: list[Step] = []
    signing = given.get("webhook_secret") or (given.get("client_secret", "") if kind == "shopify" else "")
    if signing:
        steps += keep_webhook_secret(office, name, signing)
    store = office.secrets
    before = store.read(name, "secrets", fresh=True)
    if before != dict(given):
        store.write(name, "secrets", dict(given))
        if before is not None:
            # A token of the account before must not be used, nor renewed, with the new one's secrets.
            store.write(name, "token", {"value": "", "expires_at": iso(office.desk.now()), "extra": {}})
            office.end_token_lease(name)
    steps.append(Step("secrets", f"kept: {', '.join(sorted(given)) or 'nothing to keep'}"))
    return steps


def try_connection(office: Office, name: str, settings: Connection) -> list[Step]:
    """A real call that changes nothing. Raises a VendorError that says what is wrong; it is noted as a failure as well."""
    try:
        return _TRIALS[settings.kind](office, name, settings)
    except VendorError as error:
        note_failure(office.storage, name, office.desk.who, error, office.desk.now())
        raise


def _try_shopify(office: Office, name: str, settings: Any) -> list[Step]:
    assert isinstance(settings, ShopifyConnection)
    location = office.connector(name).find_location(settings.location)
    return [Step("test", f"{settings.shop_domain} answers; location {settings.location!r} is {location}")]


def _try_cj(office: Office, name: str, _: Any) -> list[Step]:
    goods, more = office.connector(name).list_goods("")
    return [Step("test", f"CJ answers; {len(goods)} goods on its first page" + (", and more" if more else ""))]


def _try_csv(office: Office, name: str, _: Any) -> list[Step]:
    answer = office.connector(name).open_feed("")
    size = f"{answer.length} bytes" if answer.length is not None else "a file of unknown size"
    return [Step("test", f"the feed answers with {size}")]


def _try_easypost(office: Office, name: str, _: Any) -> list[Step]:
    # It does not know this tracker, and it lets us ask: the key is good.
    with suppress(NotFound, Rejected):
        office.connector(name).read_tracker("trk_none")
    return [Step("test", "EasyPost answers and takes the key")]


_TRIALS = {"shopify": _try_shopify, "cj": _try_cj, "csv": _try_csv, "easypost": _try_easypost}


def subscribe(office: Office, name: str, kind: str) -> list[Step]:
    """Webhooks to our address, where the vendor has any. Raises VendorError."""
    address, *old = webhook_urls(office, name) or [""]
    connector = office.connector(name)
    if kind == "shopify":
        topics = connector.ensure_webhooks(address)
    elif kind == "cj":
        # CJ signs with the account's openId, which comes with the token.
        open_id = office.credentials(name).token_extra().get("open_id", "")
        steps = keep_webhook_secret(office, name, open_id) if open_id else []
        return [*steps, *_told(connector.ensure_webhooks(address, _supplier_refs(office, name)), address)]
    elif kind == "easypost":
        secret = office.credentials(name).secret("webhook_secret")
        topics = connector.ensure_webhooks(address, secret, old)
    else:
        return []
    return _told(topics, address)


def _told(topics: list[str], address: str) -> list[Step]:
    what = f"subscribed: {', '.join(topics)}" if topics else "were all there"
    return [Step("webhooks", f"{what} ({address})")]


def _supplier_refs(office: Office, supplier: str) -> list[str]:
    storage = office.storage
    refs: list[str] = []
    for key in storage.in_state(CATALOGUE, "SKU", _MOST_SKUS):
        held = storage.load_sku(key.pk.removeprefix("SKU#")).offers.get(supplier)
        if held is not None and held.model.supplier_ref and not held.model.retired:
            refs.append(held.model.supplier_ref)
    return refs


def note_connected(office: Office, name: str, *, subscribed: bool) -> None:
    """The connection is open and works; a closure before (app removed, credentials refused) is over."""
    now = office.desk.now()

    def update(state: ConnectionState) -> tuple[ConnectionState, tuple[()]]:
        news: dict[str, object] = {"open": True, "reasons": (), "last_ok_at": now, "last_failure": ""}
        if subscribed:
            news["subscriptions_checked_at"] = now
        return state.model_copy(update={**news, "log": (*state.log, office.desk.entry("connected"))}), ()

    update_connection(office.storage, name, update, correlation=office.desk.correlation)
