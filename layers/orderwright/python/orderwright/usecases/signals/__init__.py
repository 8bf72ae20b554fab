"""Files of what prices follow are polled: competitors' prices, exchange rates."""
