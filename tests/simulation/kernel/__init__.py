"""Time, dice and workers of a simulated world; nothing here knows what Orderwright does."""
