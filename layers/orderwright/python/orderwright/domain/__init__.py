"""The pure part: standard library and pydantic only, no clock, no network, no AWS."""
