"""What use cases ask of the outside, one small protocol per capability. Connectors and aws/ implement them, tests fake them."""
