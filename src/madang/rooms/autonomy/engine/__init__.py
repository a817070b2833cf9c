"""What the dong's agenda computes: receipt numbers, the states of a matter, and what is late."""
