"""Prices as an operator asks about them: how each is made, what it was, and what other rules would have made of it."""
