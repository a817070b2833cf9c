"""What the climate room computes."""
