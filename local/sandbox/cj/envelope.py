"""CJ's answer envelope and its error codes. Errors come with HTTP 200; only a failing gateway answers otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from local.sandbox.kit.api import Call, Refusal, Violation
from local.sandbox.scripted import AWAY_FOR, Forms
from local.sandbox.wire import Response, json_response

INVALID_TOKEN = 1600001
EMPTY_TOKEN = 1600002
INVALID_REFRESH_TOKEN = 1600003
WRONG_API_KEY = 1600005
INTERFACE_NOT_FOUND = 1600101
TOO_MANY_REQUESTS = 1600200
QUOTA_USED_UP = 1600201
PARAM_ERROR = 1600300
VARIANT_NOT_FOUND = 1602000
PRODUCT_NOT_FOUND = 1602001
ORDER_CREATE_FAIL = 1603000
ORDER_DELETE_FAIL = 1603002
ORDER_EXISTS = 1603003
ORDER_NOT_FOUND = 1603100
ORDER_PAY_FAIL = 1603101
INVENTORY_DEDUCTION_FAIL = 1603102
BALANCE_INSUFFICIENT = 1604000
CALLBACK_IS_LOCAL = 1607001
CALLBACK_NOT_HTTPS = 1607002
WRONG_METHOD = 16900202
BODY_MISSING = 16900204
BODY_NOT_JSON = 16900205


class CjError(Refusal):
    """A refusal in CJ's own words: HTTP 200 with the code inside."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(200, code, message)


def refusal_of(wrong: Violation) -> CjError:
    """What CJ says to a request that breaks its contract."""
    name, problem = wrong.problems[0]
    what = (name or "").removeprefix("query ")
    return {
        "path": CjError(INTERFACE_NOT_FOUND, "Interface not found"),
        "method": CjError(WRONG_METHOD, f"Request method '{problem.removeprefix('method ')}' not supported"),
        "query_missing": CjError(PARAM_ERROR, f"{what} must be not empty"),
        "query_unknown": CjError(PARAM_ERROR, f"Param error: {what}"),
        "body_missing": CjError(BODY_MISSING, "Required request body is missing"),
        "not_json": CjError(BODY_NOT_JSON, "The request parameter is not in a correct JSON format"),
    }.get(wrong.kind) or CjError(PARAM_ERROR, f"Param error: {wrong}")


def number(amount: Decimal) -> float:
    """An amount as the JSON number that CJ sends. Two decimals survive the shortest float text unchanged."""
    return float(amount)


def stamp(at: datetime | None, zone: tzinfo = UTC) -> str | None:
    """A date as CJ writes it: without a zone."""
    return None if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def answer(data: Any, request_id: str, points: dict[str, int]) -> Response:
    """A success. Where `pointsInfo` sits is not confirmed: here it is beside `data`."""
    return json_response(
        {
            "code": 200,
            "result": True,
            "message": "Success",
            "data": data,
            "requestId": request_id,
            "success": True,
            "pointsInfo": points,
        }
    )


def failure(refusal: Refusal, call: Call) -> Response:
    """CJ's form of a refusal."""
    return json_response(
        {
            "code": refusal.code,
            "result": False,
            "message": refusal.message,
            "data": None,
            "requestId": call.id,
            "success": False,
        }
    )


_REFUSALS: dict[str, tuple[int, str]] = {
    "createOrderV2": (ORDER_CREATE_FAIL, "Order create fail"),
    "addCart": (ORDER_NOT_FOUND, "Order not found, please check the CJ order id"),
    "addCartConfirm": (1603001, "Order confirm fail"),
    "saveGenerateParentOrder": (1603001, "Order confirm fail"),
    "payBalanceV2": (BALANCE_INSUFFICIENT, "Balance is insufficient"),
    "deleteOrder": (ORDER_DELETE_FAIL, "Order delete fail"),
    "getAccessToken": (WRONG_API_KEY, "APIkey is wrong, please check and try again"),
    "refreshAccessToken": (INVALID_REFRESH_TOKEN, "Invalid Refresh token"),
}


def _gateway_error(status: int, error: str, headers: Mapping[str, str] | None = None) -> Response:
    """What stands in front of CJ's code says, with a status of its own and outside the envelope."""
    return json_response({"timestamp": None, "status": status, "error": error}, status, headers)


def forms_of(call: Call) -> Forms:
    """How CJ fails one operation when a script asks for it. Its own throttling says a wait in words only."""
    refused = CjError(*_REFUSALS.get(call.operation, (PARAM_ERROR, "Param error")))
    throttled = CjError(TOO_MANY_REQUESTS, "Too Many Requests, QPS limit is 1 time/1second")
    return Forms(
        error_500=_gateway_error(500, "Internal Server Error"),
        rate_limited=failure(throttled, call),
        rate_limited_bare=_gateway_error(429, "Too Many Requests"),
        unavailable=_gateway_error(503, "Service Unavailable", AWAY_FOR),
        refused=failure(refused, call),
        not_found=failure(CjError(PARAM_ERROR, "order not found"), call),
    )
