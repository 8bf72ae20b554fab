"""One module per group of commands, or for a command alone; each has it under its name."""
