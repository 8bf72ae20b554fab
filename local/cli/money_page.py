"""What a purchase or a sale leaves, term by term, as a table."""

from __future__ import annotations

from rich.console import RenderableType

from local.cli.answer import table
from orderwright.domain.money import Money
from orderwright.domain.reckoning import Reckoning
from orderwright.usecases.operator.views.reckoning import GOODS_AND_FREIGHT_ONLY


def reckoning_table(title: str, one: Reckoning) -> RenderableType:
    """Term by term, with where each comes from."""
    rule = ", ".join(
        part
        for part in (
            f"rule {one.rule!r}" if one.rule else "",
            f"from {one.rule_from}" if one.rule_from else "",
            one.rule_source,
            f"confirmed by {one.rule_confirmed_by}" if one.rule_confirmed_by else "",
        )
        if part
    )
    rows: list[tuple[str, Money | None, str]] = [
        ("lines, without tax", one.lines, "the store's figures"),
        ("shipping charged, without tax", one.shipping, "the store's figures"),
        ("duty collected", one.duty_collected, "the store's figures"),
        ("refunded as money", one.given_back * -1, "the store's figures"),
        ("tax kept, which the supplier bills", one.tax_kept, rule),
        ("net revenue", one.net, f"the tax of {one.tax} is not revenue" if one.tax.minor else ""),
        ("goods", one.goods, "the supplier's cost"),
        ("freight", one.freight, "the supplier's quote"),
        ("duty", one.duty, rule),
        ("handling", one.handling, rule),
        ("tax in the supplier's bill", one.tax_billed, rule),
        ("the supplier's bill", one.billed, "counts instead of its parts"),
        ("landed cost", one.landed, f"{', '.join(one.estimates)} estimated" if one.estimates else ""),
        ("fees", one.fee, one.fee_rule),
        ("margin", one.margin, f"{one.percent} % of net revenue" if one.percent is not None else ""),
    ]
    always = {"net revenue", "landed cost", "margin", "goods", "freight", "lines, without tax"}
    shown = [row for row in rows if row[0] in always or (row[1] is not None and row[1].minor)]
    return table(
        f"{title}{f'  ({GOODS_AND_FREIGHT_ONLY})' if one.goods_and_freight_only else ''}",
        ["Term", ">Amount", "From"],
        shown,
    )
