"""What moves a price beside its cost: competitors, demand, slow sales, campaigns; and how far it may move. Pure."""
