"""The people of a scenario: customers, the supplier's warehouse and carrier, the operator. Each has dice of their own.

What a person will do is drawn when it is planned, so that no fault changes what people want, only what comes of it. What can
only be drawn later (a parcel's way, a look at an order) has dice of its own name, so that one order's fate does not depend
on another's. Nobody begins anything new from `until` on: what comes after is the system's alone.
"""
