"""Kinds of connection for tests only: they show that nothing outside a connector's package knows a vendor."""
