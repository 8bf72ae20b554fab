"""One module per group of commands, which it has under the group's name; one for a command alone has `register(main)`."""
