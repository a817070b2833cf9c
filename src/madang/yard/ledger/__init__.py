"""Double-entry money in integer won."""
