"""Connecting one account: try its secrets with a real call, keep them when it works, subscribe its webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from orderwright.config_store import note_identity
from orderwright.declarations import Capability, Role
from orderwright.domain.catalogue import Offer
from orderwright.domain.connection_settings import Connection
from orderwright.domain.identity import Identity
from orderwright.errors import Misconfigured, Rejected, VendorError
from orderwright.ports.connection import Credentials, Subscription
from orderwright.records import offer_key
from orderwright.registry import declaration
from orderwright.usecases.health import note_failure, note_success, update_connection
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.catalogue_view import sku_names
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.secret_names import signing_secret, with_made
from orderwright.usecases.operator.trial import TrialCredentials
from orderwright.usecases.operator.webhook_door import Step, any_address, keep_webhook_secret, open_door, webhook_urls

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
    """All of it: first a real call with what was given, then it is kept, then the webhooks are subscribed.

    `name` is the connection's id here and below: what keys and addresses go by. Without `given` it goes by what is kept.
    Raises Refused or a VendorError. Until the secrets have shown that they work nothing is written, and those of before are used.
    """
    kind, kept = settings.kind, office.secrets.read(name, "secrets", fresh=True)
    given = with_made(given, kept, kind) if given is not None else None
    trial = TrialCredentials(given, settings) if given is not None and kept != dict(given) else None
    try:
        connected = office.account(name, trial)
        steps = try_connection(office, name) if trial is None else [Step("test", connected.probe())]
        account = connected.account()
        check_account(office, name, account)
        if not second_stack:
            check_no_other_stack(office, name, trial)
    except VendorError as error:
        if trial is not None:
            used = ": the secrets of before are still in use" if kept is not None else ""
            error.message += f"; nothing was kept{used}"
            if isinstance(error, Misconfigured | Rejected):
                fix = "check what you typed, then run the command again"
                raise Refused(error.code, error.message, fix) from None
        raise
    steps += open_door(office, name, kind, new_address=new_address)
    if given is not None:
        steps += store_secrets(office, name, kind, given, trial)
    note_account(office, name, kind, account, second_stack=second_stack)
    steps += subscribe(office, name, kind)
    note_connected(office, name, subscribed=Capability.WEBHOOKS in declaration(kind).capabilities)
    return steps


def check_account(office: Office, name: str, account: str) -> None:
    """It is the account that this connection always was, and no other connection's. Raises Refused (P15)."""
    if not account:
        return
    identities = current_config(office.storage).identities
    called = office.name(name)
    if any(one.id == name and one.account not in ("", account) for one in identities):
        raise Refused(
            "ANOTHER_ACCOUNT",
            f"these secrets are another account's than {called} was connected to before",
            "give that account a connection of its own in orderwright.yaml, with a name that was never used; "
            f"{called} keeps the secrets of before",
        )
    other = next((one for one in identities if one.account == account and one.id != name), None)
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


def check_no_other_stack(office: Office, name: str, credentials: Credentials | None) -> None:
    """No other Orderwright takes this shop's webhooks. Raises Refused naming the option, a VendorError."""
    webhooks = office.webhooks(name, credentials)
    if webhooks is None or office.config.identity(name).second_stack:
        return
    foreign = webhooks.foreign_webhooks(any_address(office))
    if foreign:
        raise Refused(
            "SECOND_STACK",
            f"this shop's webhooks go to another address as well: {foreign[0]}. Two stacks would both buy its orders",
            "stop the other one and delete its subscriptions; or, if both are meant: orderwright connect "
            f"{office.name(name)} --second-stack",
        )


def note_account(office: Office, name: str, kind: str, account: str, *, second_stack: bool) -> None:
    """Who this connection is, from its first connect on."""
    known = partial(Identity.connected, account=account, now=office.desk.now(), second_stack=second_stack)
    note_identity(office.storage, name, kind, known)


def store_secrets(
    office: Office, name: str, kind: str, given: Mapping[str, str], trial: TrialCredentials | None
) -> list[Step]:
    """Keep the secrets; the webhook secret before stays valid beside the new one for a week (promise P7).

    The webhook secrets go first: news signed with the new one must find it there. Then the token that the trial brought, which is
    of the same account; so a process that dies between two writes leaves secrets and a token that both work.
    """
    steps: list[Step] = []
    signing = signing_secret(given, kind)
    if signing:
        steps += keep_webhook_secret(office, name, signing)
    if trial is not None:
        if trial.got is not None:
            office.credentials(name).store_token(*trial.got)
        office.secrets.write(name, "secrets", dict(given))
        # A worker that waits for a token of the former secrets waits for nothing.
        office.end_token_lease(name)
    steps.append(Step("secrets", f"kept: {', '.join(sorted(given)) or 'nothing to keep'}"))
    return steps


def try_connection(office: Office, name: str) -> list[Step]:
    """A real call with what is kept, which changes nothing; what it came to is noted. Raises a VendorError with what is wrong."""
    try:
        steps = [Step("test", office.account(name, None).probe())]
    except VendorError as error:
        note_failure(office.storage, name, office.desk.who, error, office.desk.now())
        raise
    note_success(office.storage, name, office.desk.who, office.desk.now())
    return steps


def subscribe(office: Office, name: str, kind: str) -> list[Step]:
    """Webhooks to our address, where the vendor has any. Raises VendorError."""
    address, *old = webhook_urls(office, name) or [""]
    webhooks = office.webhooks(name, None)
    if webhooks is None:
        return []
    steps: list[Step] = []
    if any(secret.with_token for secret in declaration(kind).secrets):
        came = signing_secret(office.credentials(name).token_extra(), kind, with_token=True)
        steps += keep_webhook_secret(office, name, came) if came else []
    secret = signing_secret(office.secrets.read(name, "secrets", fresh=True) or {}, kind)
    goods = tuple(_supplier_refs(office, name)) if declaration(kind).role == Role.SUPPLIER else ()
    topics = webhooks.ensure_webhooks(Subscription(address, tuple(old), secret, goods))
    what = f"subscribed: {', '.join(topics)}" if topics else "were all there"
    return [*steps, Step("webhooks", f"{what} ({address})")]


def _supplier_refs(office: Office, supplier: str) -> list[str]:
    keys = [offer_key(sku, supplier) for sku in sku_names(office.storage, _MOST_SKUS)]
    offers = [held.model for held in office.storage.get_many(keys, Offer).values()]
    return [offer.supplier_ref for offer in offers if offer.supplier_ref and not offer.retired]


def note_connected(office: Office, name: str, *, subscribed: bool) -> None:
    """The connection is open and works; a closure before (app removed, credentials refused) is over."""
    desk = office.desk
    update_connection(
        desk.storage,
        name,
        lambda state: state.connected(desk.entry("connected"), subscribed=subscribed),
        correlation=desk.correlation,
    )
