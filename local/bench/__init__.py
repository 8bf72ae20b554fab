"""`make bench`: what the shop feels and what it costs, measured on this machine or counted from the requests."""
