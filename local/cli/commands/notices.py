"""orderwright notices: messages to customers that did not arrive, and a try of the two channels."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.contact import normalise_phone
from orderwright.domain.mail_address import mailed_as
from orderwright.ports.people import Email
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.notices import MOST, list_notices, retry_notices

notices = WholeHelp("notices", help="Mails and text messages that wait, failed, are unclear, or came back.")


@command(notices, "list")
@click.option("--limit", default=MOST, show_default=True, type=click.IntRange(1, MOST), help="So many of each kind.")
def list_(shop: Shop, limit: int) -> Answer:
    """What waits, what failed, what was perhaps sent, what came back."""
    data = [
        {
            "order": found.order,
            "key": found.pk,
            "part": found.notice.subject,
            "channel": found.notice.channel,
            "milestone": found.notice.milestone.value,
            "trouble": found.trouble.value,
            "cause": found.notice.cause,
            "since": found.notice.waits_since or (found.notice.told[-1].at if found.notice.told else None),
            "next_try_at": found.notice.settle_until,
        }
        for found in list_notices(shop.storage, limit)
    ]
    if not data:
        return Answer(data, ["every message went out, as far as we know"])
    rows = [
        (r["order"], r["channel"], r["milestone"], r["trouble"], r["cause"], r["since"], r["next_try_at"]) for r in data
    ]
    columns = ["Order", "Channel", "Milestone", "State", "Cause", "Since (UTC)", "Next try (UTC)"]
    return Answer(data, [table("Messages to customers", columns, rows)])


@command(notices, "retry", changes=True)
@click.argument("refs", metavar="ORDER...", nargs=-1)
@click.option("--all", "cause", default="", metavar="CAUSE", help="All orders that have a message with this cause.")
@click.option("--may-double", is_flag=True, help="Also what perhaps was sent: the customer may get it twice.")
@click.option(
    "--same-address", is_flag=True, help="Mail again to an address from which one came back: you know it is right."
)
def retry(shop: Shop, refs: tuple[str, ...], cause: str, may_double: bool, same_address: bool) -> Answer:
    """Send the messages of these orders again. With --may-double also what is unclear."""
    if bool(refs) == bool(cause):
        raise Refused("INPUT", "give either orders, or --all with a cause", "orderwright notices list")
    orders = {shop.order(ref): ref for ref in refs}
    if cause:
        orders = {one.pk: one.order for one in list_notices(shop.storage) if one.notice.cause == cause}
        if not orders:
            raise Refused("NOTHING_TO_RETRY", f"no message has the cause {cause!r}", "orderwright notices list")
    data, lines = [], []
    for pk, name in orders.items():
        try:
            told = retry_notices(shop.desk, pk, may_double=may_double, same_address=same_address)
        except Refused as refused:
            if not cause:
                raise
            told = (f"left as it is: {refused.code}: {refused.message}",)
        data.append({"key": pk, "done": list(told)})
        lines += [f"{name}: {line}" for line in told]
    return Answer(data, lines)


@command(notices, "test")
@click.option("--to", default="", metavar="ADDRESS", help="Where the mail goes; in SES's sandbox a verified address.")
@click.option("--sms", default="", metavar="NUMBER", help="Where a text message goes, as +358401234567.")
def test(shop: Shop, to: str, sms: str) -> Answer:
    """Send one mail, and one text message where asked, as the shop would: the same sender and configuration set.

    It uses your own AWS rights, not those of the function.
    """
    if not to and not sms:
        raise Refused("INPUT", "nobody to send to was named", "orderwright notices test --to you@your-domain")
    # Both are looked at before either goes: a mail that went while the number is refused would not be told.
    if to and mailed_as(to.strip()) is None:
        raise Refused("INPUT", f"--to {to!r} is no mail address", "orderwright notices test --to you@your-domain")
    if sms and normalise_phone(sms, "") is None:
        raise Refused(
            "INPUT", f"--sms {sms!r} is no number with its country code", "orderwright notices test --sms +358401234567"
        )
    told = {channel: try_channel(shop, channel, whom) for channel, whom in (("email", to), ("sms", sms)) if whom}
    return Answer(told, [f"{channel}: taken by AWS as {message_id}" for channel, message_id in told.items()])


def try_channel(shop: Shop, channel: str, whom: str) -> str:
    """Send one test; gives the provider's id of it. Raises a VendorError."""
    name, notifier = shop.config.merchant.name, shop.wiring.notifier
    if channel == "sms":
        return str(notifier.send_sms(whom, f"Test by {name}'s Orderwright."))
    text = f"This is a test by {name}'s Orderwright. Mails to customers come from this address."
    return str(notifier.send_email(Email(whom, f"Test by {name}", text, f"<p>{text}</p>", "test")))


test.__test__ = False  # type: ignore[attr-defined]
