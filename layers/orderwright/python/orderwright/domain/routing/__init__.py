"""Which supplier ships which line of an order, and why (R12, R17). Pure: the same question always has the same answer."""
