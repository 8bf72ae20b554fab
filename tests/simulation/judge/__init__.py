"""Who decides whether a promise was broken: after every event from what is new, and at the end from everything."""
