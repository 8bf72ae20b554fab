"""Ways to run the world: every crash point, a fault mix per seed, guards taken out, thousands of orders, one seed again."""
