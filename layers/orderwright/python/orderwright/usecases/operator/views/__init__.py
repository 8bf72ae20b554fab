"""What operators see, as data with stable keys: for `--json`, for tables, for pages."""
