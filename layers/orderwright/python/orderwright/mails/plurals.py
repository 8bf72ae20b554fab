"""A text that depends on a number: its form by the language's own rule (CLDR's categories, through Babel)."""

from __future__ import annotations

from collections.abc import Mapping

Forms = Mapping[str, str]
"""One text for each category that the language has, such as {"one": "{count} parcel", "other": "{count} parcels"}."""


def plural_text(forms: Forms, count: int, language: str, **values: object) -> str:
    """The form for `count`, filled in; `{count}` is the number itself."""
    from babel import Locale

    return forms[Locale(language).plural_form(count)].format(count=count, **values)
