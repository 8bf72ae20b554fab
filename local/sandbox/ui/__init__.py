"""The sandbox's own pages: a shop window, the hands behind each vendor, the mailbox, and one time line per order."""
