"""The story: 27 orders in three stores, every trouble a dropshipping shop knows, played without a hand and judged by the ledgers."""
