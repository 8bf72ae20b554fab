"""The story: 30 orders in three stores, every trouble a dropshipping shop knows, played by itself and judged by the ledgers."""
