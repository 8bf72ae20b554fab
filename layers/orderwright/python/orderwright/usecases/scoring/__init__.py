"""Counting what suppliers do, and what it comes to."""
