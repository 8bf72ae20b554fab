"""The story: 31 orders in three stores, every trouble a dropshipping shop knows, played by itself and judged by the ledgers."""
