"""Papers of orders: PDF and CSV, with one font of our own and barcodes, in the languages of suppliers.

Importing this package is cheap: reportlab is loaded with the first PDF that is made.
"""
