"""The parts of telling a customer: channels, what is said on them, and the once-only protocol."""
