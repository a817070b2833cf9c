"""The synthetic population as bytes."""
