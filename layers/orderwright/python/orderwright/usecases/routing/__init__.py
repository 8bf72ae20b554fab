"""What a choice of suppliers depends on and changes seldom."""
