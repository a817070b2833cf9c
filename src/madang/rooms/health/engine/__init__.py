"""What the health room computes."""
