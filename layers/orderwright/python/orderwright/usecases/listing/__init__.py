"""Listings: mapping, deciding price and quantity, and pushing them."""
