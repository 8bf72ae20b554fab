"""Parts of the day's statement."""
