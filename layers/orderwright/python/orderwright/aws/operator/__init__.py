"""AWS calls that only an operator's commands make: the functions' package does not carry their descriptions (local/packager)."""
