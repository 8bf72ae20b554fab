"""The time zone whose calendar the reader lives by: the destination's where it has one, else the shop's.

Countries with one zone come from CLDR, through Babel. Of the others those whose zones differ by region are told apart by the
state or province (each by the zone of most of its people); where that is missing or unknown, the shop's zone counts.
"""

from __future__ import annotations

# Where nearly everybody lives in one zone, or all zones keep one time (CLDR's primary zones).
_MAIN = {
    "AR": "America/Argentina/Buenos_Aires", "BR": "America/Sao_Paulo", "CL": "America/Santiago", "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia", "DE": "Europe/Berlin", "EC": "America/Guayaquil", "ES": "Europe/Madrid", "KZ": "Asia/Almaty",
    "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon",
    "UA": "Europe/Kiev", "UZ": "Asia/Tashkent",
}  # fmt: skip
_REGIONS = {
    "US": {
        "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
    },
    "CA": {
        "America/St_Johns": "NL",
        "America/Halifax": "NB NS PE",
        "America/Toronto": "ON QC",
        "America/Winnipeg": "MB",
        "America/Regina": "SK",
        "America/Edmonton": "AB NT",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "ACT NSW",
        "Australia/Melbourne": "VIC",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Darwin": "NT",
        "Australia/Hobart": "TAS",
        "Australia/Perth": "WA",
    },
}


def zone_of(country_code: str, province_code: str, shop: str) -> str:
    """An IANA zone name. `province_code` as stores give it ("NY"); `shop` is the shop's own zone."""
    from babel.core import get_global

    regions = _REGIONS.get(country_code, {})
    for zone, codes in regions.items():
        if province_code.upper().removeprefix(f"{country_code}-") in codes.split():
            return zone
    zones = get_global("territory_zones").get(country_code, [])
    return _MAIN.get(country_code) or (str(zones[0]) if len(zones) == 1 else shop)
