"""The parts of following parcels: what a supplier sent, what a carrier says."""
