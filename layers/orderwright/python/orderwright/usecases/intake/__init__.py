"""The parts of taking an order in: what it needs, what is reserved, which purchase orders follow."""
