"""What all suppliers have whose people take the orders: their settings, and an order as a paper with its link and its code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Generic, Literal, TypeVar

from pydantic import Field

from orderwright.connectors.context import Context
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.order import Address, Reason
from orderwright.domain.supplier_answers import LetterKind
from orderwright.errors import Misconfigured
from orderwright.page_links import code_of, link
from orderwright.papers.purchase_order import OrderPaper, Sort
from orderwright.ports.supplier import PlacementView, PurchaseLine, PurchaseRequest

SORTS = {LetterKind.REMINDER: Sort.COPY, LetterKind.WITHDRAWAL: Sort.WITHDRAWN}
LINK_SECRET = "link_secret"
_NEEDED = ("line1", "city", "country_code")


class DeskSettings(SupplierSettings):
    """A supplier whose people read what we send, and answer on a page."""

    charges: Literal["ON_ACCOUNT"] = "ON_ACCOUNT"
    language: Literal["en", "de", "zh-Hans"] = Field(default="en", description="of what they read from us")
    confirm_within_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="they confirm within so many hours, are reminded once, and then you are told",
    )
    show_costs: bool = Field(default=False, description="true: what a piece costs stands on the order")


_FIX = "correct the address: `orderwright orders fix-address`, or choose another supplier"
Settings = TypeVar("Settings", bound=DeskSettings)


class DeskOrders(Generic[Settings]):
    """The parts of SupplierOrders that are alike: nothing can be asked, and nothing comes back by itself."""

    can_look_up = False

    def __init__(self, context: Context[Settings]) -> None:
        self.context = context
        self.name = f"{context.settings.kind} supplier {context.id}"

    def lacks(self, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        """See SupplierOrders. People need whom and where; what a postcode looks like is checked before."""
        missing = [name for name in _NEEDED if not str(getattr(destination, name)).strip()]
        missing += [] if (destination.name or destination.company).strip() else ["name"]
        return [
            Reason(code="FIELD_MISSING", message=f"{self.name}: {field} is empty", fix=_FIX, field=field)
            for field in missing
        ]

    def look_up(self, reference: str, vendor_ids: dict[str, str]) -> PlacementView:
        """See SupplierOrders. Raises RuntimeError: `can_look_up` is False."""
        raise RuntimeError("a supplier without a look-up was asked for one")

    def withdraw(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """See SupplierOrders. What was handed over does not come back; a letter says that it is withdrawn (`write`)."""
        return False

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """See SupplierOrders. There is no call; a letter asks (`write`)."""
        return False

    def end_files(self, reference: str) -> None:
        """See SupplierDesk. Nothing lies there."""

    def paper(self, sort: Sort, request: PurchaseRequest) -> OrderPaper:
        """The order as it is written for them. Raises Misconfigured before the first `connect`."""
        context, settings = self.context, self.context.settings
        if context.page is None or context.shop is None:
            raise Misconfigured(f"{self.name}: its kind must declare that it has a page")
        secret, now = context.credentials.secret(LINK_SECRET), context.clock.now()
        return OrderPaper(
            sort,
            context.shop(),
            request,
            request.shipping_method or settings.shipping_method,
            code_of(request.reference, secret),
            link(context.page(), request.reference, secret, now.date()),
            settings.language,
            now + timedelta(hours=settings.confirm_within_hours),
            settings.show_costs,
        )
