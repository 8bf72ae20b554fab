"""What people at suppliers see: the page of a purchase order in English, German and Chinese. No script, no cookie, no image.

Importing this package is cheap: Jinja2 and Babel are loaded with the first page.
"""

from orderwright.pages.render import headers, plain_page, purchase_order_page
from orderwright.pages.view import BillFile, BillForm, Shown, Tried
from orderwright.pages.words import words_of

__all__ = ["BillFile", "BillForm", "Shown", "Tried", "headers", "plain_page", "purchase_order_page", "words_of"]
