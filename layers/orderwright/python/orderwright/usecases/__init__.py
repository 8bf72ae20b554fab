"""One file per function, same name: the story of that function in plain calls. Ports only; no AWS, no vendor."""
