"""What operators read of an order, in commands and in mails alike: names of its parts, and what to do about a reason."""
