"""What the static checks need beyond their own programs."""
