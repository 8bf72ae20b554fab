"""Which carrier does a tracking number belong to (R29)? By shape and check digit, with the supplier's word beside it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from orderwright.domain.carriers import ANY_POST_LINK, CARRIERS
from orderwright.domain.check_digits import s10
from orderwright.domain.postal_operators import NAMES, OWN_CARRIER
from orderwright.domain.tracking_formats import DISTINCT, FORMATS, compiled, fits

MAX_LENGTH = 64
# Posts of other countries begin with the same words ("Correos de Chile").
_EXACT_ONLY = frozenset({"correos", "la_poste", "posten_norge", "china_post"})
_S10 = r"[A-Z]{2}(\d{8})(\d)([A-Z]{2})"


class Candidate(NamedTuple):
    """A carrier that a number may belong to. `certainty`: 3 distinctive, 2 check digit only, 1 length only."""

    carrier_code: str
    carrier_name: str
    url: str
    certainty: int


def clean(number: str) -> str:
    """The number as it is compared and linked: capitals, without white space."""
    return "".join(number.split()).upper()


def recognise(number: str) -> list[Candidate]:
    """Every carrier whose numbers look like this, the surest first; empty when none does."""
    text = clean(number)
    if not text or len(text) > MAX_LENGTH or not text.isascii():
        return []
    found: dict[str, Candidate] = {}
    for candidate in (_postal(text), *_by_shape(text)):
        if candidate is None:
            continue
        known = found.get(candidate.carrier_code)
        if known is None or known.certainty < candidate.certainty:
            found[candidate.carrier_code] = candidate
    return sorted(found.values(), key=lambda candidate: -candidate.certainty)


def best(number: str, named: str = "") -> Candidate | None:
    """The carrier to tell the customer: the one that the supplier names, whatever the number looks like, else the number's own.

    `named` is the supplier's text ("Yun Express", "dhl"). Where it names nobody that we know, None: show its own words. Without
    a name a number is guessed by what only one carrier prints; one in ten numbers of any carrier has a fitting check digit.
    """
    candidates = recognise(number)
    if named.strip():
        wanted = _named(named)
        fitting = [candidate for candidate in candidates if candidate.carrier_code in wanted]
        return fitting[0] if fitting else _candidate(wanted[0], clean(number), 0) if wanted else None
    own = [candidate for candidate in candidates if candidate.certainty == DISTINCT]
    return own[0] if len(own) == 1 else None


def contradicts(number: str, named: str) -> bool:
    """Is the number one that only another carrier prints? For suppliers whose names mean a service, or the last mile."""
    own = best(number)
    return own is not None and own.carrier_code not in _named(named)


def _by_shape(text: str) -> list[Candidate]:
    return [_candidate(shape.carrier, text, shape.certainty) for shape in FORMATS if fits(shape, text)]


def _candidate(carrier: str, text: str, certainty: int) -> Candidate:
    entry = CARRIERS[carrier]
    return Candidate(carrier, entry.name, entry.link.replace("{}", quote(text, safe="")), certainty)


def _postal(text: str) -> Candidate | None:
    """UPU S10: two letters, eight digits, check digit, country of the issuing post."""
    match = compiled(_S10).fullmatch(text)
    if match is None or not s10(match[1], match[2]):
        return None
    country = match[3]
    if country in OWN_CARRIER:
        return _candidate(OWN_CARRIER[country], text, DISTINCT)
    if country not in NAMES:
        return None
    return Candidate(
        f"post_{country.lower()}", NAMES[country], ANY_POST_LINK.replace("{}", quote(text, safe="")), DISTINCT
    )


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _named(named: str) -> tuple[str, ...]:
    """The codes of the carriers that a supplier's text names, exactly or by its first words ("UPS Ground", not "Upsala")."""
    whole, words = _key(named), re.findall(r"[a-z0-9]+", named.casefold())
    begins = {"".join(words[:count]) for count in range(1, len(words) + 1)}
    names = [
        (name, code)
        for code, carrier in CARRIERS.items()
        for name in (_key(code), _key(carrier.name), *carrier.aliases)
        if whole == name or (name in begins and code not in _EXACT_ONLY)
    ]
    longest = max((len(name) for name, _ in names), default=0)
    return tuple(dict.fromkeys(code for name, code in names if len(name) == longest))
