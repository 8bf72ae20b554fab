"""The parts of placing a purchase order: the protocol, the gates before money, the look-up after silence."""
