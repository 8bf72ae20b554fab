"""The stack on this machine: a local AWS that runs the real template with the real packages."""

from local.stack.errors import StackError
from local.stack.stack import LogLine, Stack

__all__ = ["LogLine", "Stack", "StackError"]
