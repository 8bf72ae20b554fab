"""What can go wrong, where, and who decides it: a plan or dice."""
