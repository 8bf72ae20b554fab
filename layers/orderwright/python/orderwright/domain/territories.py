"""Countries, and the territories inside them whose taxes differ: no rule of the country may be used there.

Sources: ISO 3166-1; Council Directive 2006/112/EC, article 6 (territories outside the VAT area), and the reduced or other rates
of Madeira, the Azores, Jungholz and Mittelberg; the Windsor Framework for Northern Ireland. Postcodes as the posts use them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

EUROPEAN_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
# Parts of member states that have a code of their own (Treaty on the Functioning of the European Union, articles 349 and 355),
# and the other states of the European Economic Area, which have taken over Directive 2011/83/EU.
MAY_WITHDRAW = EUROPEAN_UNION | frozenset("AX GF GP MF MQ RE YT IS LI NO".split())  # noqa: SIM905
# ISO 3166-1 alpha-2, as of 2026.
_COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "  # noqa: SIM905
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT "
    "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
    "UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW".split()
)


class _Territory(NamedTuple):
    code: str
    name: str
    postcodes: str


_TERRITORIES: dict[str, tuple[_Territory, ...]] = {
    "AT": (_Territory("AT-6691", "Jungholz and Mittelberg", r"6691|699[123]"),),
    "DE": (_Territory("DE-78266", "Büsingen", "78266"), _Territory("DE-27498", "Heligoland", "27498")),
    "ES": (
        _Territory("ES-CN", "the Canary Islands", r"(35|38)\d{3}"),
        _Territory("ES-CE", "Ceuta", r"51\d{3}"),
        _Territory("ES-ML", "Melilla", r"52\d{3}"),
    ),
    "FI": (_Territory("FI-01", "Åland", r"22\d{3}"),),
    "FR": (_Territory("FR-DOM", "the French overseas departments", r"9[78]\d{3}"),),
    "GB": (
        _Territory("GB-NIR", "Northern Ireland", r"BT\d.*"),
        _Territory("GB-CHA", "the Channel Islands", r"(GY|JE)\d.*"),
    ),
    "GR": (_Territory("GR-69", "Mount Athos", r"6308[67]"),),
    "IT": (_Territory("IT-23041", "Livigno", "23041"), _Territory("IT-22061", "Campione", "22061")),
    "PT": (
        _Territory("PT-20", "the Azores", r"9[5-9]\d\d.*"),
        _Territory("PT-30", "Madeira", r"9[0-4]\d\d.*"),
    ),
}  # fmt: skip
_OUTSIDE_VAT = frozenset(
    "DE-78266 DE-27498 ES-CN ES-CE ES-ML FI-01 FR-DOM GR-69 IT-23041 IT-22061".split()  # noqa: SIM905
)
_CODES = frozenset(territory.code for found in _TERRITORIES.values() for territory in found)


def destination_of(country_code: str, postcode: str) -> str:
    """The destination that an address belongs to: its country (DE), or a territory in it (ES-CN)."""
    country = country_code.strip().upper()
    bare = re.sub(r"[\s-]", "", postcode).upper()
    if country != "GB":
        bare = re.sub(r"^[A-Z]{1,3}(?=\d)", "", bare)  # people write D-78266, FI-22100
    for territory in _TERRITORIES.get(country, ()):
        if re.fullmatch(territory.postcodes, bare):
            return territory.code
    return country


def lies_in(destination: str, places: Collection[str]) -> bool:
    """Is it one of these? A territory lies in its country."""
    return destination in places or country_of(destination) in places


def in_union_vat(destination: str) -> bool:
    """Does the EU's value added tax count there, and so IOSS? Not in the territories of article 6 of Directive 2006/112/EC."""
    return country_of(destination) in EUROPEAN_UNION and destination not in _OUTSIDE_VAT


def destination_name(code: str) -> str:
    """A territory's name; a country's code as it is."""
    found = [territory.name for of in _TERRITORIES.values() for territory in of if territory.code == code]
    return found[0] if found else code


def country_of(destination: str) -> str:
    """The country that a destination lies in."""
    return destination[:2]


def destination_fault(code: str) -> str:
    """Why this is no destination; "" when it is one."""
    if code in _COUNTRIES or code in _CODES:
        return ""
    known = ", ".join(sorted(own for own in _CODES if own[:2] == code[:2]))
    territories = f"; its territories are written {known}" if known else ""
    return f"there is no such country in ISO 3166, which has codes of two capital letters such as DE{territories}"
