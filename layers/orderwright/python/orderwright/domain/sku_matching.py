"""Which SKUs mean the same article though they are spelled otherwise. For matching only: keys and stored texts stay. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from orderwright.domain.order import Reason

UNCLEAR = "SKU_UNCLEAR"


def normal_form(sku: str) -> str:
    """Without blanks and signs that nobody sees, in one letter case and one width: " Lamp\\u200b-1" -> "lamp-1"."""
    if sku.isascii() and sku.isprintable():
        return sku.lower().replace(" ", "")
    # A sign may become another one that is folded again, once a blank between them is gone.
    for _ in range(4):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", sku).casefold())
        before, sku = (
            sku,
            "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZC" and sign not in _UNSEEN),
        )
        if sku == before:
            break
    return sku


# Letters and marks by their category, and yet without a shape: fillers, joiners, variation selectors.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0") | {
    chr(n) for n in range(0xFE00, 0xFE10)
}


class Matching(NamedTuple):
    """`same`: theirs -> ours, where the spelling differs. `unclear`: a SKU of either side -> all that it may be."""

    same: dict[str, str]
    unclear: dict[str, tuple[str, ...]]


def match_skus(ours: AbstractSet[str], theirs: AbstractSet[str]) -> Matching:
    """Exact ones match first and stand in neither answer; others by normal form, where it is unique on both sides."""
    forms: dict[str, tuple[set[str], set[str]]] = {
        form: (set(), set()) for form in map(normal_form, ours ^ theirs) if form
    }
    for side, skus in enumerate((ours, theirs)):
        for sku in skus:
            if (form := normal_form(sku)) in forms:
                forms[form][side].add(sku)
    found = Matching({}, {})
    for mine, other in forms.values():
        if not mine or not other:
            continue
        if len(mine) == len(other) == 1:
            found.same[next(iter(other))] = next(iter(mine))
        else:
            found.unclear.update(dict.fromkeys(mine ^ other, tuple(sorted(mine | other))))
    return found


def unclear(where: str, skus: Iterable[str]) -> Reason:
    """Why none of the two is matched."""
    return Reason(
        code=UNCLEAR,
        message=f"{where} and the catalogue spell these alike: {', '.join(map(repr, skus))[:200]}; which is which is not known",
        fix="give each article a SKU of its own, or the same SKU everywhere; then import again",
        field="sku",
    )
