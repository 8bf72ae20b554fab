"""The operator's command line: `orderwright`, or `python -m local.cli`."""
