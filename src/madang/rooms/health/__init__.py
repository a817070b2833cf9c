"""A healthy community and its quarantine system."""
