"""Suppliers for tests only, and the vendors behind them."""
