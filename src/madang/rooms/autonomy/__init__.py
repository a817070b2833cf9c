"""Resident autonomy: the dong's agenda and its decisions."""
