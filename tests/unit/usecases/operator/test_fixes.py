"""What is printed as a fix: the right command for each code, complete, and one that the command line takes."""

from __future__ import annotations

import shlex
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from local.cli.main import main
from local.cli.shop import Shop
from local.cli.target import Target
from orderwright.domain.not_known import PASSABLE
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.validation import NEEDED
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.people.fixes import TRANSIENT, About, fix_of, fix_of_failure, fixes_of
from tests.architecture.test_docs import _codes
from tests.support.source import sources
from tests.unit.usecases.operator.operator_kit import purchase_order

MAKERS = (
    "domain/validation.py",
    "domain/contact.py",
    "domain/routing/eligible.py",
    "intake/needs.py",
    "intake/approvals.py",
    "usecases/placing/",
    "cj/order",
)
NOT_OF_ORDERS = {"CJ_", "NOT_FOUND", "ALREADY_PAID", "EMAIL_ABSENT", "EMAIL_UNSENDABLE", "LAST_NAME_ABSENT", "PHONE_ABSENT",
                 "POSTCODE_MISMATCH", "OUTCOME_UNKNOWN"}  # fmt: skip
NOTHING_TO_TYPE = {
    "UPSELL_WINDOW",
    "OUT_OF_STOCK",
    "LINES_CHANGED",
    "ADDRESS_CHANGED",
    "PAYMENT_GONE",
    "CANCELLED_IN_STORE",
}
MADE = {
    code
    for source in sources("layers")
    if any(name in str(source.path) for name in MAKERS)
    for code in _codes(source.tree)
    if code.isupper() and len(code) > 3
}
CODES = sorted(
    (MADE | PASSABLE | TRANSIENT | {"CAP_REACHED", "KILL_SWITCH", "MARGIN_TOO_LOW", "CJ_1604000"}) - NOT_OF_ORDERS
)


@cache
def taken(line: str) -> bool:
    """Does the command line take it, up to the moment when it needs a shop?"""

    def no_shop(*_: str) -> Target:
        raise Refused("NO_SHOP_HERE", "no shop here")

    words = shlex.split(line)
    said = CliRunner().invoke(main, words[1:], obj=Shop(choose=no_shop))
    return words[0] == "orderwright" and said.exit_code == 1 and "Traceback" not in said.output


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_an_order_has_a_fix_whose_commands_work_when_pasted(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("FILE").write_text("sku,hs6\nL,940510\n", "utf-8")
    Path("orderwright.yaml").write_text("schema_version: 1\n", "utf-8")
    assert {"POSTCODE_MISSING", "OUTCOME_UNCLEAR", "CAP_CURRENCY", "FIELD_MISSING", "HIGH_VALUE"} <= MADE
    field = "address.city" if code.startswith("FIELD") else ""
    for about in (About("#1002"), About("#1002", "OW-1002-abc-1", "my cj", ("--stack", "lamps"))):
        fix = fix_of(Reason(code=code, message="why", fix="Do first what it says.", field=field), about)
        assert fix.text or fix.commands
        assert bool(fix.commands) is (code not in NOTHING_TO_TYPE), fix
        assert [line for line in fix.commands if not taken(line)] == []
        assert not [line for line in fix.commands if " orders " in line and "'#1002'" not in line]
        assert all(line.startswith("orderwright --stack lamps ") for line in fix.commands) is bool(
            about.at or not fix.commands
        )
        if code in NEEDED:
            assert not any(" release " in line for line in fix.commands), (
                "a part that is missing is given, not passed over"
            )


def test_a_missing_postcode_is_given_and_all_faults_of_an_address_together() -> None:
    missing = Reason(code="POSTCODE_MISSING", message="", field="address.postcode")
    (fix,) = fixes_of("#1002", [missing])
    assert fix.commands == ("orderwright orders fix-address '#1002' --postcode POSTCODE",)
    both = fixes_of("#1002", [missing, Reason(code="CITY_MISSING", message="", field="address.city")])
    assert {one.commands for one in both} == {
        ("orderwright orders fix-address '#1002' --postcode POSTCODE --city CITY",)
    }


def test_what_a_purchase_order_waits_for_names_it_and_a_fault_of_its_address_is_retried() -> None:
    po = purchase_order(PurchaseOrderState.PARKED, "OUTCOME_UNCLEAR")
    (fix,) = fixes_of("#1", po.reasons, [po], str.upper)
    assert (
        fix.commands[0] == f"orderwright orders adopt '#1' --supplier-order SUPPLIER_ORDER --reference {po.reference}"
    )
    lacks = Reason(code="FIELD_MISSING", message="cj: shippingCity is empty", field="address.city")
    (fix,) = fixes_of("#1", [lacks], [po.model_copy(update={"reasons": (lacks,)})])
    assert fix.commands == ("orderwright orders fix-address '#1' --city CITY", "orderwright orders retry '#1'")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            Retryable("cj: too fast", after=timedelta(hours=3), code="RATE_LIMITED"),
            "nothing was done. Wait 180 minutes",
        ),
        (Retryable("cj: no connection"), "Wait 30 s"),
        (OutcomeUnknown("cj: no answer"), "perhaps it was done"),
        (Misconfigured("cj: refused", code="TOKEN_REFUSED"), "orderwright connect NAME"),
        (Rejected("shopify: price: is negative"), "correct what the message names"),
    ],
)
def test_a_vendors_answer_says_what_to_wait_for_or_what_to_correct(error: VendorError, words: str) -> None:
    assert words in fix_of_failure(error)
