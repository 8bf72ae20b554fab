"""One module per figure. Each has `measure(settings) -> Figure`."""
