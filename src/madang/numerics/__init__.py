"""What engines share: errors, random streams, digests, units. No Django."""
