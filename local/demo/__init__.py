"""The story: 27 orders in three stores, every trouble a dropshipping shop knows, played by itself and judged by the ledgers."""
