"""Stand-ins for the vendors that Orderwright talks to, speaking the vendors' own HTTP contracts.

Each stand-in is a plain object with `handle(Request) -> Response`, an injected clock and a ledger, so that the same
code serves a real socket (`make run`), the demo and the simulation in virtual time. None of them imports Orderwright.
"""
