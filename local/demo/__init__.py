"""The story: twenty buyers, every trouble a dropshipping shop knows, played without a hand and judged by the ledgers."""
