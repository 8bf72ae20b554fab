"""Orderwright: paid orders become purchase orders, parcels and customers who know."""
