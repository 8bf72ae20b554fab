"""Does an address name a post office box? By the usual writings in the languages of the countries served.

Compared without capitals, accents and invisible marks. A word that means a box and nothing else counts wherever it
stands; a short form counts only before a number, and only in the countries where it means a box: "C.P. 12" is a box in
Italy and the mark of a postcode in Spain and Mexico. A box at a rural or military address (RR 2 Box 5, PSC 3 Box 7) is none.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from orderwright.domain.order import Address

# In these patterns a blank stands for any blanks, dots, dashes and slashes between two parts, or for nothing.
_WORDS = (
    # English, and what others took from it
    r"[gc]?p [o0] (?:bo?x|boks|drawer)|post office (?:bo?x|drawer)|postal box",
    # German, Dutch, Afrikaans, Nordic, Estonian
    r"post fach|(?:post)?schliessfach|postbus|posbus|postboks|postilokero|pósthólf|postkast",
    # French, Italian, Romanian, Spanish, Catalan, Portuguese
    r"b(?:oî)?te postale|case postale|casella postale|cas post|căsu[tț]a poștală",
    r"(?:apartado|apt?d?o|ap|casilla) (?:de )?(?:correos?|postal|aéreo)|apartat de correus|(?:caixa|cx) postal",
    # Slavic, Baltic, Hungarian
    r"skr(?:ytka)? poczt(?:owa)?|(?:pošt(?:ovní)?|p o) přihrádka|poštový priečinok|poštni predal|poštanski (?:pretinac|fah)",
    r"[аa]/я|абонентский ящик|почтовый ящик|(?:абонентська|поштова) скринька|пощенска кутия|(?:поштански|п) фах",
    r"pašto dėžutė|(?:pasta|abonenta) kastīte|postafiók",
    # Turkish, Greek, Hebrew, Arabic, Persian, Malay, Indonesian
    r"posta kutusu|ταχ(?:υδρομική)? θυρίδα|תא דואר|صندوق (?:ال)?بريد|صندوق پستی|peti surat|kotak pos|tromol pos",
)
# Scripts that put no blanks between words.
_UNSPACED = r"私書箱|[邮郵][政局].{0,8}?信箱|\d[号號]?信箱|信箱\d|사서함|ตู้ (?:ป ณ|ไปรษณีย์)"
_BEFORE_A_NUMBER = (
    r"p o b|post box|(?:locked|private|post) (?:mail )?bag x?|privaatsak x?|beg berkunci|apartado|apartat|apt?do|casilla",
    r"postf|skrytka",
)
_BY_COUNTRY = {
    r"b p": "FR BE LU MC MA TN DZ SN CI CM GA ML BF BJ TG NE TD CD CG MG DJ GF PF NC RE GP MQ YT PM WF GN CF BI RW KM MR",
    r"box": "SE",
    r"p l": "FI AX",
    r"p b": "FI AX NO IN PK BD LK NP",
    r"boks": "NO DK GL FO",
    r"p f": "DE AT CH LI HU",
    r"p m b": "AU NZ ZA NG GH",
    r"a/d": "LT",
    r"a/k": "LV",
    r"c c": "AR",
    r"cx p": "BR",
    r"pósth": "IS",
    r"p p": "SI HR RS BA ME MK",
    r"p k": "EE LV",
    r"п/я": "RU BY KZ KG",
    r"а/с": "UA BY",
    r"[τt] θ": "GR CY",
    r"ת[\"'״׳]? ד": "IL",
    r"ص ب": "AE SA KW QA BH OM EG JO LB IQ YE SY LY",
    r"hộp thư|hòm thư": "VN",
}
# Form, the most digits that the number of a box has (more are a postcode behind the same letters), countries.
_SHORT_NUMBER = (
    (r"c p", 4, "IT SM VA RO BR"),
    (r"c p", 5, "CH CA"),
    (r"p k", 4, "TR"),
    (r"п к", 3, "BG"),
)
_GAP = r"[ .,_/\\·‐-―-]*"
_NUMBER = r"[ .,:#-]*(?:n[ .]?[or]?°?[ .,:#]*)?\d"
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = r"(?<![^\W\d_])", r"(?![^\W\d_])"


def is_po_box(text: str, country: str) -> bool:
    """Does an address line name a post office box? `country` (ISO code) decides about short forms such as "PL 12"."""
    return _pattern(country.upper()).search(_folded(text)) is not None


def goes_to_po_box(address: Address) -> bool:
    """Does a street line of the address name a post office box?"""
    return is_po_box(f"{address.line1}\n{address.line2}", address.country_code.strip())


@cache
def _pattern(country: str) -> re.Pattern[str]:
    numbered = [*_BEFORE_A_NUMBER, *(form for form, where in _BY_COUNTRY.items() if country in where.split())]
    short = [
        f"{_spaced(form)}{_NUMBER}{{1,{most}}}(?!\\d)"
        for form, most, where in _SHORT_NUMBER
        if country in where.split()
    ]
    spaced = [
        f"(?:{_spaced('|'.join(_WORDS))}){_NO_LETTER_AFTER}", f"(?:{_spaced('|'.join(numbered))}){_NUMBER}", *short
    ]  # fmt: skip
    return re.compile(f"{_NO_LETTER_BEFORE}(?:{'|'.join(spaced)})|{_spaced(_UNSPACED)}")


def _spaced(form: str) -> str:
    return _folded(form).replace(" ", _GAP)


def _folded(text: str) -> str:
    """Without capitals, accents and invisible marks, with single blanks; lines stay lines."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Mn", "Cf")).casefold()
    return re.sub(r"[^\S\n]+", " ", kept)
