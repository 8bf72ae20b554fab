"""A kind that sends mails or keeps files needs rights in each function that does so."""

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
    Role.SIGNAL: {"signal"},
}
"""The ways of `Connectors` to each role."""
MAILS = {
    Role.STORE: {"publish_fulfillment", "publish_listing", "publish_product"},
    Role.SUPPLIER: {"place_purchase_order"},
    Role.FEED: {"poll_stock"},
    Role.CARRIER: {"update_tracking"},
    Role.SIGNAL: {"poll_stock"},
}
"""The functions in which a role's connectors do something; the others only read, which no mail can.

A supplier's files are put where its mails are sent. A feed's and a signal's are read wherever it is built.
"""
_MAIL = {
    "FromEmailAddress": SENDER,
    "ConfigurationSetName": "MailConfigurationSet",
    "Content": {"Simple": {"Attachments": []}},
}
_FILE = {"Bucket": "files", "Key": "connection/files/name"}
# Without ListBucket, S3 answers 403 and not 404 to a get of a file that is not there.
_READ = [*needs_of("s3", "GetObject", _FILE), Need("s3:ListBucket", "arn:aws:s3:::files")]
NEEDS = {
    Way.HTTP: ([], set[str]()),
    Way.SFTP: ([], set[str]()),
    Way.MAIL: (
        needs_of("sesv2", "SendEmail", _MAIL),
        {"SENDER_ADDRESS", "MAIL_CONFIGURATION_SET"},
    ),
    Way.FILES: (
        [
            *_READ,
            *needs_of("s3", "PutObject", {**_FILE, "Tagging": "about=order"}),
            *needs_of("s3", "DeleteObject", _FILE),
        ],
        {"FILES_BUCKET"},
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
        if way is Way.FILES and kind.role in (Role.FEED, Role.SIGNAL):
            rights = _READ
        there = way is Way.MAIL or (way is Way.FILES and kind.role is Role.SUPPLIER)
        for function in sorted(MAILS[kind.role] if there else builders(kind.role, kind.capabilities)):
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


def test_a_kind_by_mail_and_file_is_told_each_statement_that_is_not_there() -> None:
    assert missing(SENDING) == [], "a supplier: they are there"
    told = missing(SENDING._replace(role=Role.STORE))
    at = "PublishFulfillmentRole needs a statement that allows"
    identity = "arn:aws:ses:eu-north-1:000000000000:identity/shop@example.com"
    for line in (
        f"Way.MAIL: {at} ses:SendEmail on {identity}",
        "Way.MAIL: PublishFulfillmentFunction needs the variable SENDER_ADDRESS",
        f"Way.FILES: {at} s3:PutObject on arn:aws:s3:::files/connection/files/name",
        f"Way.FILES: {at} s3:ListBucket on arn:aws:s3:::files",
        "Way.FILES: PublishFulfillmentFunction needs the variable FILES_BUCKET",
    ):
        assert line in told
    assert missing(SENDING._replace(role=Role.FEED, ways=frozenset({Way.FILES}))) == [], "a feed only reads"
