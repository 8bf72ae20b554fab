"""The fact that tells the merchant about something, with ids and codes only (promise P8)."""

from __future__ import annotations

from orderwright.domain.customer_request import CustomerRequest, RequestKind
from orderwright.domain.order import OrderRecord
from orderwright.domain.order_state import WITHDRAWN
from orderwright.storage import Fact


def alert(
    topic: str, connection: str, *, pk: str = "", sk: str = "", resource: str = "", message: str = "", codes: str = ""
) -> Fact:
    """`topic` is a stable code; `message` says what is wrong and holds no personal data."""
    detail = {"codes": (codes or topic)[:200]}
    if message:
        detail["message"] = message[:300]
    return Fact("alert.raised", connection=connection, pk=pk, sk=sk, resource=resource, topic=topic, detail=detail)


def request_alert(pk: str, record: OrderRecord, case: CustomerRequest, message: str) -> Fact:
    """What a customer asked for, or what came of it; `held` in its detail: the order waits because of it."""
    topic = WITHDRAWN if case.kind is RequestKind.WITHDRAWAL else "CUSTOMER_RETURNS"
    detail = {"codes": topic, "order": record.name[:60], "message": message[:300], "request": case.name}
    if case.stopped and WITHDRAWN in record.released and not record.cancelled:
        detail["held"] = WITHDRAWN
    return Fact("alert.raised", connection=record.connection, pk=pk, topic=topic, detail=detail)
