"""A purchase order as a mail, and the letters that follow it: subject, plain text, HTML, the files."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from orderwright.domain.outside_texts import one_line
from orderwright.papers.purchase_order import OrderPaper, Sort, address_lines, cost_text, order_csv, order_pdf
from orderwright.papers.words import labels, words
from orderwright.ports.people import About, Attachment, Email

_LONGEST = 500


def order_mail(paper: OrderPaper, to: str, files: Sequence[str]) -> Email:
    """The mail. `files`: "csv" and "pdf" are attached; a letter that withdraws has none, since nothing is to be shipped."""
    made = {"csv": ("text/csv", order_csv), "pdf": ("application/pdf", order_pdf)}
    names = files if paper.sort is not Sort.WITHDRAWN else ()
    attached = tuple(Attachment(f"{paper.name}.{end}", made[end][0], made[end][1](paper)) for end in names)
    text, html = _bodies(paper, [one.name for one in attached])
    reference = paper.request.reference
    about = paper.request.about._replace(milestone=paper.sort.value) if paper.request.about.pk else About()
    return Email(to, one_line(paper.subject, _LONGEST), text, html, reference, about, attached)


def _bodies(paper: OrderPaper, files: Sequence[str]) -> tuple[str, str]:
    say, its = words(paper.language), words(paper.language)["letters"][paper.sort]
    named = labels(paper.language)
    intro = its["intro"].format(merchant=paper.merchant)
    answer, code = its["answer"].format(by=paper.until), say["code"].format(code=paper.code)
    heads = [named[name] for name in ("quantity", "supplier_sku", "sku", "title")] + [named["unit_cost"]] * paper.costs
    rows = [
        [one_line(cell, _LONGEST) for cell in (str(line.quantity), line.supplier_sku, line.sku, line.title)]
        + [cost_text(line)] * paper.costs
        for line in paper.request.lines
    ]
    facts = [(named["reference"], paper.request.reference)]
    facts += [(named["method"], one_line(paper.method, _LONGEST))] * bool(
        paper.method and address_lines(paper.destination)
    )
    address = address_lines(paper.destination)
    more = [say["parcel"]] * (paper.sort is not Sort.WITHDRAWN) + [say["reply"]]
    more += [say["files"].format(files=", ".join(files))] * bool(files)

    text = [intro, "\n".join(f"{label}: {value}" for label, value in facts)]
    text.append("\n".join(_line(heads, row) for row in rows))
    text += ["\n".join([f"{named['ship_to']}:", *address])] * bool(address)
    # The link has a line of its own, so that no sign beside it becomes part of it.
    text += [f"{answer}\n{paper.link}\n{code}", *more]

    link = escape(paper.link)
    html = [_p(intro), _p(*(f"{label}: {value}" for label, value in facts)), _table(heads, rows)]
    html += [_p(f"{named['ship_to']}:", *address)] * bool(address)
    html += [f'{_p(answer)}<p><a href="{link}">{link}</a></p>', f"<p><strong>{escape(code)}</strong></p>"]
    html += [_p(one) for one in more]
    head = f'<!doctype html><html lang="{paper.language}"><head><meta charset="utf-8"></head>'
    body = f'<body style="font-family:sans-serif;font-size:15px;line-height:1.4">{"".join(html)}</body></html>'
    return "\n\n".join(text) + "\n", head + body


def _line(heads: Sequence[str], row: Sequence[str]) -> str:
    return "- " + "; ".join(f"{head}: {cell}" for head, cell in zip(heads, row, strict=True) if cell)


def _p(*lines: str) -> str:
    return f"<p>{'<br>'.join(escape(line) for line in lines)}</p>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    style = 'style="text-align:left;padding:4px 16px 4px 0;border-bottom:1px solid #ccc"'
    head = "".join(f"<th {style}>{escape(one)}</th>" for one in heads)
    lines = ("".join(f"<td {style}>{escape(one)}</td>" for one in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
