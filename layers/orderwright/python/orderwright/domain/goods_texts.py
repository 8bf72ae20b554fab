"""A supplier's texts and pictures as a shop may show them: an allow-list of markup, plain titles, pictures by https only."""

from __future__ import annotations

import re

from orderwright.domain.base import changed
from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.config_values import heading_fault
from orderwright.domain.outside_texts import plain, safe_url
from orderwright.domain.territories import destination_fault

MOST_OF_A_TEXT = 255
MOST_OF_A_DESCRIPTION = 100_000
# Layout only. No links: a buyer who is led out of the shop is lost or cheated; their words stay.
ALLOWED_TAGS = frozenset({
    "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# What stands inside these is code, not words for a reader.
_WITH_CONTENT = frozenset({"iframe", "math", "noscript", "object", "script", "style", "svg", "template", "title"})
_TAG_NAME = re.compile(r"<([a-z][a-z0-9]{0,20})", re.IGNORECASE)
_HANDLER = re.compile(r"[\s/\"'](on[a-z]{3,20}|style)\s*=", re.IGNORECASE)
_DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+[;,][^\s<>\"']*", re.IGNORECASE)
_SIZE = re.compile(r"\d{1,4}")
# As nh3 writes it: values stand in double quotes, and hold none.
_WITHOUT_SOURCE = re.compile(r'<img(?: (?:alt|width|height)="[^"]*")*>')
_MOST_NAMED = 8


def clean_goods(record: SkuRecord) -> tuple[SkuRecord, str]:
    """The record as a shop may show it, and in words what was left out ("" for nothing).

    Doing it twice changes nothing more. The SKU and the codes are keys and stay as they are. A customs code or a country of
    origin that is none is left out: a missing one stops what needs it, a wrong one would be reckoned with.
    """
    description, left_out = clean_description(record.description_html)
    images = tuple(dict.fromkeys(url for url in record.images if safe_url(url)))
    refused = len(set(record.images)) - len(images)
    if refused:
        left_out = [f"pictures whose address is not plain https: {refused}", *left_out]
    heading, origin = not heading_fault(record.hs6), not destination_fault(record.origin)
    if record.hs6 and not heading:
        left_out = [*left_out, f"the customs code, which has not 6, 8 or 10 digits but {len(record.hs6)} characters"]
    if record.origin and not origin:
        left_out = [*left_out, "the country of origin, which is no code of ISO 3166"]
    cleaned = changed(
        record,
        hs6=record.hs6 if heading else "",
        origin=record.origin if origin else "",
        mpn=_text(record.mpn),
        title=_text(record.title) or record.sku,
        description_html=description,
        images=images,
        category=_text(record.category),
        tags=tuple(dict.fromkeys(tag for tag in map(_text, record.tags) if tag)),
        brand=_text(record.brand),
        attributes={_text(name): _text(value) for name, value in record.attributes.items()},
        article=_cleaned(record.article),
    )
    return cleaned, "left out: " + "; ".join(left_out) if left_out else ""


def _cleaned(article: Article | None) -> Article | None:
    """None where a choice is no text: then it is sold alone."""
    if article is None:
        return None
    choices = {_text(name): _text(value) for name, value in article.choices.items()}
    fits = len(choices) == len(article.choices) and all(choices) and all(choices.values())
    return changed(article, title=_text(article.title), choices=choices) if fits else None


def clean_description(html: str) -> tuple[str, list[str]]:
    """The description with allowed markup only, and what was left out."""
    # Half a letter cannot be written down, and a picture that stands in the text itself is left out anyway, long as it is.
    html = _DATA.sub("data:", html.encode("utf-8", "replace").decode())
    # The item must stay small, also where the end of a paragraph repeats all markup that is open.
    too_long = [f"the description, longer than {MOST_OF_A_DESCRIPTION} characters"]
    if len(html) > MOST_OF_A_DESCRIPTION:
        return "", too_long
    import nh3

    cleaned = nh3.clean(
        html,
        tags=set(ALLOWED_TAGS),
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags=set(_WITH_CONTENT),
        url_schemes={"https"},
        url_relative="deny",
    )
    cleaned, hidden = _WITHOUT_SOURCE.subn("", cleaned)
    if len(cleaned) > MOST_OF_A_DESCRIPTION:
        return "", too_long
    names = {found.lower() for found in (*_TAG_NAME.findall(html), *_HANDLER.findall(html))} - ALLOWED_TAGS
    left_out = [f"of the description {', '.join(sorted(names)[:_MOST_NAMED])}"] if names else []
    if hidden:
        left_out.append(f"pictures in the description whose address is not plain https: {hidden}")
    return cleaned, left_out


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return safe_url(value) or None
    if name == "alt":
        return _text(value)
    return value if _SIZE.fullmatch(value) else None


def _text(value: str) -> str:
    return plain(value, MOST_OF_A_TEXT)
