"""What the pledge board computes."""
