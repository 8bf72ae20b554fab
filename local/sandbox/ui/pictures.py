"""Drawings of the shop's goods, made here so that the pages need no network."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """Colours of one drawing: night sky (top, bottom), strap, body, light; `lens` is the shape of the lamp."""

    top: str
    bottom: str
    strap: str
    body: str
    light: str
    lens: str


LOOKS = {
    "HL-MS-400": Look("#12263f", "#2f5d7c", "#f08a3c", "#1d2733", "#ffe9a8", "round"),
    "HL-COB-350": Look("#1b2a2a", "#3f6f63", "#2bb58a", "#1f2a2a", "#eafff2", "bar"),
    "HL-PRO-1200": Look("#151527", "#433f6e", "#e0483e", "#15151f", "#ffffff", "twin"),
    "HL-KID-120": Look("#26325c", "#7d6bb5", "#ffcf4a", "#3b6fd4", "#fff3c4", "round"),
    "HL-DUO-600": Look("#1c2233", "#5c6a52", "#c9d36a", "#20262e", "#fff0c0", "twin"),
    "HL-UL-300": Look("#0f1f2b", "#47657a", "#d9e2e8", "#39495a", "#ffd9d2", "small"),
}
_OTHER = Look("#1e2a36", "#54687a", "#9fb1c0", "#2b3947", "#f6f1dc", "round")


def picture(sku: str) -> str:
    """An SVG of the article, 320 by 220."""
    if sku == "GUIDE-PDF":
        return _guide()
    look = LOOKS.get(sku, _OTHER)
    return (
        _open(look.top, look.bottom)
        + _hills()
        + f'<path d="M160 118 L-10 250 L330 250 Z" fill="{look.light}" opacity=".16"/>'
        + f'<path d="M160 118 L70 250 L250 250 Z" fill="{look.light}" opacity=".2"/>'
        + f'<path d="M38 112 C70 50 250 50 282 112" fill="none" stroke="{look.strap}" stroke-width="17" '
        + 'stroke-linecap="round"/>'
        + '<path d="M52 104 C84 58 236 58 268 104" fill="none" stroke="#000" stroke-opacity=".16" stroke-width="3" '
        + 'stroke-dasharray="2 7"/>'
        + f'<rect x="104" y="66" width="112" height="72" rx="22" fill="{look.body}"/>'
        + '<rect x="104" y="66" width="112" height="22" rx="11" fill="#fff" opacity=".07"/>'
        + _lens(look)
        + "</svg>"
    )


def _open(top: str, bottom: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 220" role="img">'
        f'<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{top}"/>'
        f'<stop offset="1" stop-color="{bottom}"/></linearGradient></defs><rect width="320" height="220" fill="url(#s)"/>'
        '<g fill="#fff" opacity=".7"><circle cx="30" cy="30" r="1.4"/><circle cx="74" cy="18" r="1"/>'
        '<circle cx="126" cy="34" r="1.2"/><circle cx="206" cy="20" r="1.3"/><circle cx="262" cy="38" r="1"/>'
        '<circle cx="296" cy="16" r="1.5"/><circle cx="18" cy="78" r="1"/><circle cx="304" cy="84" r="1.1"/></g>'
    )


def _hills() -> str:
    return (
        '<path d="M0 188 L46 150 L86 178 L140 140 L196 180 L248 148 L320 190 L320 220 L0 220 Z" '
        'fill="#000" opacity=".28"/><path d="M0 206 L70 180 L150 204 L230 182 L320 208 L320 220 L0 220 Z" '
        'fill="#000" opacity=".35"/>'
    )


def _lens(look: Look) -> str:
    light = look.light
    if look.lens == "bar":
        return (
            f'<rect x="116" y="84" width="88" height="34" rx="17" fill="{light}" opacity=".35"/>'
            f'<rect x="122" y="90" width="76" height="22" rx="11" fill="{light}"/>'
        )
    if look.lens == "twin":
        return "".join(
            f'<circle cx="{x}" cy="102" r="24" fill="{light}" opacity=".25"/><circle cx="{x}" cy="102" r="16" '
            f'fill="{light}"/><circle cx="{x}" cy="102" r="7" fill="#cfd8ff"/>'
            for x in (136, 184)
        )
    if look.lens == "small":
        return (
            f'<circle cx="146" cy="102" r="19" fill="{light}" opacity=".3"/><circle cx="146" cy="102" r="13" '
            'fill="#fff"/><circle cx="190" cy="102" r="9" fill="#ff5a4a"/>'
        )
    return (
        f'<circle cx="160" cy="102" r="31" fill="{light}" opacity=".28"/><circle cx="160" cy="102" r="22" '
        f'fill="{light}"/><circle cx="160" cy="102" r="10" fill="#fff"/>'
    )


def _guide() -> str:
    return (
        _open("#223126", "#5b7a52")
        + _hills()
        + '<g transform="rotate(-5 160 110)"><rect x="100" y="32" width="120" height="152" rx="8" fill="#000" '
        + 'opacity=".25" transform="translate(5 6)"/><rect x="100" y="32" width="120" height="152" rx="8" '
        + 'fill="#fbf6e9"/><path d="M116 118 L142 82 L158 104 L178 72 L206 118 Z" fill="#5b7a52"/>'
        + '<circle cx="128" cy="66" r="9" fill="#f0b64c"/>'
        + '<path d="M116 134 H204 M116 148 H204 M116 162 H172" stroke="#b9ae93" stroke-width="4" '
        + 'stroke-linecap="round"/><path d="M122 118 C150 108 150 100 176 92" fill="none" stroke="#e0483e" '
        + 'stroke-width="3" stroke-dasharray="5 5"/></g></svg>'
    )
