"""What can go wrong while packaging, in words for the person at the terminal."""


class PackageError(Exception):
    """A package cannot be built or is not fit to ship. The text names the cause and the fix."""
