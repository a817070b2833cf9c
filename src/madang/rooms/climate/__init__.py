"""A carbon-neutral city by 2045."""
