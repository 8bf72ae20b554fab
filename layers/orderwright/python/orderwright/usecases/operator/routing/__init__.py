"""Who ships what, for people: before an order is there, and afterwards."""
