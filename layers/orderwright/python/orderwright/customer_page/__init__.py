"""What customers see: the page of their order in nine languages. No script, no cookie, no image but the shop's own logo.

Importing this package is cheap: Jinja2 and Babel are loaded with the first page.
"""

from orderwright.customer_page.render import answer_page, headers, order_page, plain_page, receipt_page
from orderwright.customer_page.view import Tried
from orderwright.customer_page.words import language_of, reader_of

__all__ = [
    "Tried",
    "answer_page",
    "headers",
    "language_of",
    "order_page",
    "plain_page",
    "reader_of",
    "receipt_page",
]
