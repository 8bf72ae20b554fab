"""What customers really got, read from the emulator's mailbox and phone."""

from __future__ import annotations

from dataclasses import dataclass

from tests.crash.shop_in_time import TimedShop

Sent = tuple[str, int]


@dataclass(frozen=True)
class Expected:
    """What the undisturbed run sent, and what this scenario's fault may have cost."""

    mails: tuple[Sent, ...]
    texts: tuple[Sent, ...]
    unsent: int = 0


def messages_sent(shop: TimedShop) -> tuple[list[Sent], list[Sent]]:
    """Mails and text messages, oldest first, as (what it is about, which parcel; 0 for the order itself)."""
    parcels = [entry.data["tracking_number"] for entry in shop.scene.world.ledger.of_kind("cj", "order_shipped")]

    def about(text: str) -> int:
        return next((place for place, number in enumerate(parcels, start=1) if number in text), 0)

    mails = [(mail["Subject"], about(mail["BodyText"])) for mail in shop.aws.mails()]
    texts = [(text["Message"].partition(".")[0], about(text["Message"])) for text in shop.aws.texts()]
    return mails, texts
