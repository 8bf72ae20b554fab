"""What prices follow is counted and kept; all prices are made again after a rule change; rules are tried on the past."""
