"""Files of what prices follow: competitors' prices, exchange rates. CSV, TSV, XLSX or JSON, wherever a stock file may lie."""
