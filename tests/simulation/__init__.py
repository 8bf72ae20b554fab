"""A deterministic simulation of the whole system under faults: docs/proof.md says what it proves and how to read it."""
