"""What the care room computes."""
