"""A kind that sends mails or keeps files needs rights, which no role has until the first such kind comes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

import pytest

from local.packager.artifacts import logical_prefix
from orderwright.bootstrap import Wiring
from orderwright.bootstrap_connectors import Connectors
from orderwright.declarations import Capability, Connector, Role, Way
from orderwright.registry import declarations
from tests.support.asking_kind import CONNECTOR as SENDING
from tests.support.rights import SENDER, Need, Roles, allowed, needs_of

ROLES = Roles()
REACHED_BY = {
    Role.STORE: {"store", "store_catalogue"},
    Role.SUPPLIER: {"supplier", "catalogue", "freight", "stock", "tracking", "desk"},
    Role.FEED: {"feed"},
    Role.CARRIER: {"carriers"},
}
"""The ways of `Connectors` to each role."""
MAILS = {
    Role.STORE: {"publish_fulfillment", "publish_listing", "publish_product"},
    Role.SUPPLIER: {"place_purchase_order"},
    Role.FEED: {"poll_stock"},
    Role.CARRIER: {"update_tracking"},
}
"""The functions in which a role's connectors do something; the others only read, which no mail can."""
_FILE = {"Bucket": "snapshots", "Key": "connection/files/name"}
# Without ListBucket, S3 answers 403 and not 404 to a get of a file that is not there.
_LIST = Need("s3:ListBucket", "arn:aws:s3:::snapshots")
NEEDS = {
    Way.HTTP: ([], set[str]()),
    Way.MAIL: (
        needs_of("sesv2", "SendEmail", {"FromEmailAddress": SENDER, "ConfigurationSetName": "MailConfigurationSet"}),
        {"SENDER_ADDRESS", "MAIL_CONFIGURATION_SET"},
    ),
    Way.FILES: (
        [*needs_of("s3", "GetObject", _FILE), *needs_of("s3", "PutObject", _FILE), _LIST],
        {"SNAPSHOTS_BUCKET"},
    ),
}
"""What a function's role must allow for a way out, and the settings that the function must have."""


def builders(role: Role, able: Iterable[str] | None = None) -> set[str]:
    """The functions that build connectors of a role for their work; of a kind with these capabilities only, where given."""
    sources = {name: inspect.getsource(getattr(Wiring, name)) for name in ROLES.functions}
    ways = REACHED_BY[role] - (set() if able is None else {*Capability} - {*able})
    return {name for name, text in sources.items() if ways & set(re.findall(r"self\.connectors\.(\w+)", text))}


def missing(kind: Connector) -> list[str]:
    """What template.yaml lacks for the ways that a kind declares."""
    found = []
    for way in sorted(kind.ways):
        rights, settings = NEEDS[way]
        for function in sorted(MAILS[kind.role] if way == Way.MAIL else builders(kind.role, kind.capabilities)):
            held, prefix = ROLES.of(function), logical_prefix(function)
            lacking = sorted(settings - ROLES.environment(function).keys())
            found += [
                f"Way.{way.name}: {prefix}Role needs a statement that allows {need.action} on {need.resource}"
                for need in rights
                if not allowed(held, need)
            ]
            found += [f"Way.{way.name}: {prefix}Function needs the variable {name}" for name in lacking]
    return found


@pytest.mark.parametrize("kind", declarations(), ids=lambda kind: kind.kind)
def test_template_yaml_has_the_rights_for_every_kinds_ways_out(kind: Connector) -> None:
    assert missing(kind) == []


def test_every_way_to_connectors_is_known_here_and_a_function_that_mails_builds_them() -> None:
    public = {name for name in vars(Connectors) if not name.startswith("_")}
    assert public - {"account", "webhooks", "cancelling", "notes"} == set().union(*REACHED_BY.values()), (
        "these ask by HTTP alone"
    )
    assert all(mailing <= builders(role) for role, mailing in MAILS.items())


def test_a_supplier_by_mail_and_file_is_told_each_statement_that_is_not_there() -> None:
    told = missing(SENDING)
    at = "PlacePurchaseOrderRole needs a statement that allows"
    identity = "arn:aws:ses:eu-north-1:000000000000:identity/shop@example.com"
    for line in (
        f"Way.MAIL: {at} ses:SendEmail on {identity}",
        "Way.MAIL: PlacePurchaseOrderFunction needs the variable SENDER_ADDRESS",
        f"Way.FILES: {at} s3:PutObject on arn:aws:s3:::snapshots/connection/files/name",
        f"Way.FILES: {at} s3:ListBucket on arn:aws:s3:::snapshots",
        "Way.FILES: PlacePurchaseOrderFunction needs the variable SNAPSHOTS_BUCKET",
    ):
        assert line in told
    assert not [line for line in told if "PollStock" in line], "it has the bucket, and sends no mails to suppliers"
