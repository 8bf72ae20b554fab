"""How suppliers do, from what really happened: counted by day, summed up as a scorecard. Pure."""
