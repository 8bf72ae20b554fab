"""The whole shop on this machine: local AWS with the real template, the sandbox's vendors, connected by the command line."""

from local.running.shop import LocalShop

__all__ = ["LocalShop"]
