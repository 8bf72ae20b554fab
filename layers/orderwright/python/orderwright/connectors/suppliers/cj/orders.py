"""Purchase orders at CJ in five calls (SupplierOrders). Each is one step of promise P1, sent once and looked up when unclear.

createOrderV2 -> addCart -> addCartConfirm -> saveGenerateParentOrder -> payBalanceV2
CREATED          IN_CART    UNPAID (id!)      UNPAID (payId)             UNSHIPPED
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from orderwright.connectors.suppliers.cj import envelope as env
from orderwright.connectors.suppliers.cj.client import CjClient, CjPart
from orderwright.connectors.suppliers.cj.details import another_order, is_paid, lines_of, only_ours, read_own
from orderwright.connectors.suppliers.cj.fields import mapping, rows, text, usd
from orderwright.connectors.suppliers.cj.freight import POINTS, choose, quotes
from orderwright.connectors.suppliers.cj.order_body import address_faults, create_body, other_faults
from orderwright.domain.order import Address, Reason, units_of
from orderwright.errors import OutcomeUnknown, Rejected
from orderwright.ports.freight import FreightQuote, FreightRequest
from orderwright.ports.supplier import ORDER_ID, OrderStep, PlacementView, PurchaseLine, PurchaseRequest, StepDone

CREATE, ADD_CART, CONFIRM_CART, GENERATE_PARENT, PAY = "create", "add_cart", "confirm_cart", "generate_parent", "pay"
SHIPMENTS_ID, PAY_ID = "shipments_id", "pay_id"

# A repeated orderNumber (1603003, or 1603100 in captured answers) is in no table: it means "look it up".
_CREATE_REFUSALS = {
    env.PARAM_ERROR: "a field of the order is refused; check the address and the shipping method",
    env.VARIANT_NOT_FOUND: "CJ does not know a variant any more; choose another offer",
    env.GOODS_NOT_FOUND: "CJ does not sell an article any more; choose another offer",
    env.VARIANT_OFF_SHELF: "a variant is off the shelf; choose another offer",
    1603000: "CJ could not create the order; check address and lines, then retry",
    1605001: "the shipping method is not valid for this parcel; set shipping_method to one that CJ offers",
}
_CONFIRM_REFUSALS = {1603001: "CJ could not confirm the order; look at it in the CJ account"}
# "Order pay fail" (1603101) also comes for a bill that is paid already: that is looked up, not believed.
_PAY_REFUSALS = {
    1604000: "the CJ balance is too low; top it up, then retry",
    1604001: "payments of this CJ account are restricted; ask CJ",
}


class CjOrders(CjPart):
    """SupplierOrders. `vendor_ids` holds order_id, shipments_id and pay_id as they become known."""

    steps: tuple[OrderStep, ...] = (
        OrderStep(CREATE),
        OrderStep(ADD_CART),
        OrderStep(CONFIRM_CART),
        OrderStep(GENERATE_PARENT),
        OrderStep(PAY, commits=True),
    )
    can_look_up = True
    points_per_quote = POINTS

    def __init__(self, client: CjClient) -> None:
        super().__init__(client)
        self._run: dict[str, Callable[[PurchaseRequest], StepDone]] = {
            CREATE: self._create,
            ADD_CART: self._add_cart,
            CONFIRM_CART: self._confirm_cart,
            GENERATE_PARENT: self._generate_parent,
            PAY: self._pay,
        }

    def lacks(self, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        """What createOrderV2 needs and an address, a line or the connection has not, or has too long."""
        supplier = self._client.connection_id
        return [*address_faults(destination, supplier), *other_faults(lines, supplier, self._client.settings)]

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """Do one step, by exactly one call that has an effect. Raises KeyError for a step that is none."""
        return self._run[step](request)

    def quote_freight(self, request: FreightRequest) -> FreightQuote:
        """The preferred method where CJ offers it for these goods and this country, else its cheapest. See SupplierFreight."""
        settings = self._client.settings
        chosen = choose(
            quotes(self._client, request.country_code, request.lines), request.preferred or settings.shipping_method
        )
        if chosen is None:
            raise Rejected(
                f"{self._client.name}: CJ ships these goods from {settings.from_country} to this country by no method: "
                "choose another supplier or cancel",
                code="NO_SHIPPING_METHOD",
            )
        return chosen

    def look_up(self, reference: str, vendor_ids: dict[str, str]) -> PlacementView:
        """Where our order stands. Not found means: not now. Raises Retryable or Misconfigured when CJ cannot be asked.

        Raises OutcomeUnknown when it answers with another order.
        """
        detail = read_own(self._client, reference, vendor_ids.get(ORDER_ID, ""))
        if detail is None:
            return PlacementView(found=False, vendor_ids=vendor_ids)
        ids = self._ids(detail, vendor_ids)
        state = text(detail, "orderStatus")
        paid = is_paid(detail)
        next_step, unreadable = "", ""
        if state == "CREATED" and not paid:
            next_step = ADD_CART
        elif state == "IN_CART" and not paid:
            next_step = CONFIRM_CART
        elif state == "UNPAID" and not paid:
            if SHIPMENTS_ID in ids:
                next_step = PAY if PAY_ID in ids else GENERATE_PARENT
            else:
                unreadable = (
                    "the cart was confirmed, but CJ's answer with the shipment id was lost and cannot be read again: "
                    "pay or delete the order in the CJ account"
                )
        elif not paid and state != "CANCELLED":
            unreadable = "CJ shows the order in a state that is not known: look at it in the CJ account"
        return PlacementView(
            found=True,
            next_step=next_step,
            committed=paid,
            cancelled=state == "CANCELLED",
            unreadable=unreadable,
            vendor_ids=ids,
            payable=usd(detail.get("orderAmount")),
            lines=lines_of(detail.get("productList"), "vid"),
            country_code=text(detail, "shippingCountryCode"),
            # In none of the documented answers; taken where it comes.
            postcode=text(detail, "shippingZip"),
            city=text(detail, "shippingCity"),
            # In none of the documented answers either.
            tax_in_bill=usd(detail.get("iossAmount")),
        )

    def withdraw(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """Delete the order, which CJ allows until the cart is confirmed. Raises Rejected (ALREADY_PAID) for a paid one."""
        view = self.look_up(reference, vendor_ids)
        if not view.found or (view.cancelled and not view.committed):
            return True
        if view.committed:
            raise Rejected(f"{self._client.name}: the order is paid; cancel it with CJ", code="ALREADY_PAID")
        if view.next_step not in (ADD_CART, CONFIRM_CART):
            return False
        refused = {env.ORDER_DELETE_FAIL: "the order cannot be deleted any more"}
        order_id = view.vendor_ids.get(ORDER_ID, reference)
        try:
            deleted = self._client.call(
                "deleteOrder",
                "DELETE",
                "shopping/order/deleteOrder",
                [("orderId", order_id)],
                has_effect=False,
                refusals=refused,
            )
        except Rejected as error:
            if error.code != f"CJ_{env.ORDER_DELETE_FAIL}":
                raise
            return False
        if isinstance(deleted, str) and deleted.strip() and not only_ours(deleted.strip(), order_id, reference):
            raise another_order(self._client, "deleteOrder")
        return True

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """CJ has no call for a paid order: an operator asks CJ."""
        return False

    def _post(self, operation: str, body: dict[str, Any], refusals: env.Refusals, folder: str = "order") -> Any:
        path = f"shopping/{folder}/{operation}"
        return self._client.call(operation, "POST", path, body=body, has_effect=True, refusals=refusals)

    def _create(self, request: PurchaseRequest) -> StepDone:
        settings = self._client.settings
        method = request.shipping_method or settings.shipping_method
        body = create_body(request, method, settings)
        data = mapping(self._post("createOrderV2", body, _CREATE_REFUSALS))
        # Before anything else that it says: a refusal of somebody else's order is none of ours.
        if not only_ours(text(data, "orderNumber"), request.reference):
            raise another_order(self._client, "createOrderV2")
        self._refuse_intercepted("createOrderV2", data.get("interceptOrderReasons"), ())
        if data.get("logisticsMiss") is True:
            raise Rejected(
                f"{self._client.name} createOrderV2: no such shipping method for this parcel; set "
                f"connections.{self._client.connection_id}.shipping_method to one that CJ offers there",
                code="SHIPPING_METHOD_MISSING",
            )
        order_id = text(data, "orderId")
        if not order_id:
            raise self._unclear("createOrderV2", "the answer names no order")
        made = lines_of(data.get("productInfoList"), "variantId")
        asked = units_of((line.supplier_ref, line.quantity) for line in request.lines)
        if made is not None and "" not in asked and units_of(made) != asked:
            raise self._unclear("createOrderV2", "the answer shows other lines or quantities than were asked for")
        # Its handling fee stands in `iossTaxHandlingFee`; whether `iossAmount` holds that as well is not confirmed, so that
        # nothing is ever added up: the bill's total decides.
        tax = usd(data.get("iossAmount"))
        return StepDone({**request.vendor_ids, ORDER_ID: order_id}, usd(data.get("orderAmount")), tax)

    def _add_cart(self, request: PurchaseRequest) -> StepDone:
        order_id = self._known(request, ORDER_ID)
        data = mapping(self._post("addCart", {"cjOrderIdList": [order_id]}, env.NONE))
        self._refuse_intercepted("addCart", data.get("interceptOrders"), (order_id, request.reference))
        if not only_ours(data.get("addSuccessOrders"), order_id):
            raise another_order(self._client, "addCart")
        return StepDone(dict(request.vendor_ids))

    def _confirm_cart(self, request: PurchaseRequest) -> StepDone:
        order_id = self._known(request, ORDER_ID)
        data = mapping(self._post("addCartConfirm", {"cjOrderIdList": [order_id]}, _CONFIRM_REFUSALS))
        self._refuse_intercepted("addCartConfirm", data.get("interceptOrders"), (order_id, request.reference))
        # This answer names no order: the next one says which orders are in the shipment, before anything is paid.
        shipments_id = text(data, "shipmentsId", "shipmentOrderId")
        if data.get("submitSuccess") is not True or not shipments_id:
            raise self._unclear("addCartConfirm", "the answer names no shipment")
        return StepDone({**request.vendor_ids, SHIPMENTS_ID: shipments_id})

    def _generate_parent(self, request: PurchaseRequest) -> StepDone:
        order_id, shipments_id = self._known(request, ORDER_ID), self._known(request, SHIPMENTS_ID)
        ours = (order_id, request.reference, shipments_id)
        body = {"shipmentOrderId": shipments_id}
        data = mapping(self._post("saveGenerateParentOrder", body, _CONFIRM_REFUSALS))
        self._refuse_intercepted("saveGenerateParentOrder", data.get("interceptOrders"), ours)
        # The bill takes the money of all orders that it names.
        if not only_ours(data.get("successOrders"), *ours):
            raise another_order(self._client, "saveGenerateParentOrder")
        pay_id = text(data, "payId")
        named = (mapping(data.get("paymentInformation")).get("payableAmount"), data.get("orderMoney"))
        # A bill of nothing is a field that was not filled in: it would pass every gate.
        payable = next((amount for amount in map(usd, named) if amount is not None and amount.minor), None)
        if not pay_id or payable is None:
            # A bill without its amount must not be paid: the margin gate could not look at it.
            raise self._unclear("saveGenerateParentOrder", "the answer names no bill or no amount")
        tax = usd(mapping(data.get("paymentInformation")).get("iossAmount"))
        return StepDone({**request.vendor_ids, PAY_ID: pay_id}, payable, tax)

    def _pay(self, request: PurchaseRequest) -> StepDone:
        shipments_id, pay_id = self._known(request, SHIPMENTS_ID), self._known(request, PAY_ID)
        body = {"shipmentOrderId": shipments_id, "payId": pay_id}
        data = self._post("payBalanceV2", body, _PAY_REFUSALS, "pay")
        # What stands in `data` is not documented; where it is an id, it has to be one of ours.
        ours = (shipments_id, pay_id, request.vendor_ids.get(ORDER_ID, ""), request.reference)
        named = data.strip() if isinstance(data, str) else text(mapping(data), "shipmentOrderId", "payId", "orderId")
        if named and not only_ours(named, *ours):
            raise another_order(self._client, "payBalanceV2")
        return StepDone(dict(request.vendor_ids))

    def _known(self, request: PurchaseRequest, name: str) -> str:
        value = request.vendor_ids.get(name, "")
        if not value:
            raise Rejected(f"{self._client.name}: {name} of an earlier step is missing", code="VENDOR_ID_MISSING")
        return value

    def _ids(self, detail: dict[str, Any], vendor_ids: dict[str, str]) -> dict[str, str]:
        found = {
            ORDER_ID: text(detail, "orderId"),
            # Not documented for this call, but createOrderV2 shows the same field: taken where it comes.
            SHIPMENTS_ID: text(detail, "shipmentOrderId", "shipmentsId"),
        }
        return {**{name: value for name, value in found.items() if value}, **vendor_ids}

    def _refuse_intercepted(self, operation: str, reasons: object, ours: tuple[str, ...]) -> None:
        """A success can still hold reasons why CJ stops the order. Only their codes are told: the texts may name people.

        `ours`: where a reason names an order, it must be one of these.
        """
        if not reasons:
            return
        listed = reasons if isinstance(reasons, list) else []
        named = {
            one if isinstance(one, str) else text(mapping(one), "orderId", "cjOrderId", "orderCode") for one in listed
        }
        if ours and named - {""} and not named & set(ours):
            raise another_order(self._client, operation)
        codes = ", ".join(filter(None, (text(reason, "code") for reason in rows(reasons)))) or "no code"
        raise Rejected(
            f"{self._client.name} {operation}: CJ stopped the order (reason {codes}); check the address, or see the order "
            "in the CJ account",
            code="ORDER_INTERCEPTED",
        )

    def _unclear(self, operation: str, what: str) -> OutcomeUnknown:
        return OutcomeUnknown(f"{self._client.name} {operation}: {what}", code="UNREADABLE")
