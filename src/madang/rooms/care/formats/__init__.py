"""File formats of integrated care."""
