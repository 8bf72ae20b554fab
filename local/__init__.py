"""Everything that runs only on a developer's or operator's machine; nothing here is deployed."""
