"""Files of what prices follow: competitors' prices, exchange rates. CSV, TSV, XLSX or JSON, wherever a stock file may lie."""

from orderwright.connectors.feeds.csv import CONNECTOR as STOCK_FILE

WAYS, SECRETS = STOCK_FILE.ways, STOCK_FILE.secrets
"""Of every such file: those of a stock file."""
