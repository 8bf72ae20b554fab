"""Reports of stock and cost: offers, feeds, the rolling poll, and reservations that end."""
