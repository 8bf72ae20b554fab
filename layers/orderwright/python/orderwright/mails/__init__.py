"""What customers and merchants read: mails, text messages and alerts, in the nine languages of `translations/`.

Importing this package is cheap: Jinja2 and Babel are loaded with the first message that is rendered.
"""

from orderwright.mails.alert import render_alert
from orderwright.mails.context import MailContext, MailLine, RenderedMail
from orderwright.mails.render import render
from orderwright.mails.sms import render_sms
from orderwright.mails.zones import zone_of

__all__ = ["MailContext", "MailLine", "RenderedMail", "render", "render_alert", "render_sms", "zone_of"]
