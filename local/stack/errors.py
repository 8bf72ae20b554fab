"""What can go wrong with the stack on this machine, in words for the person at the terminal."""


class StackError(Exception):
    """The local stack did not start, or did not take the template. The text names the cause and where to look."""
