"""A milestone's facts laid out as a mail: subject, plain text, HTML."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orderwright.domain.shipment import Milestone
from orderwright.mails.context import MailContext, RenderedMail
from orderwright.mails.translation import choose, translation_of
from orderwright.mails.view import build_view

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def render(milestone: Milestone, context: MailContext, locale: str) -> RenderedMail:
    """The mail of a milestone in the buyer's language, else the store's, else English.

    `locale` is a tag such as "fi", "de-AT" or "en_GB"; its country decides how dates and amounts are written.
    """
    tongue = choose(locale, context.default_locale)
    view = build_view(milestone, context, translation_of(tongue.language), tongue)
    name = milestone.value.lower()
    environment = _environment()
    return RenderedMail(
        subject=view.subject,
        text=environment.get_template(f"{name}.txt.j2").render(v=view),
        html=environment.get_template(f"{name}.html.j2").render(v=view),
    )
