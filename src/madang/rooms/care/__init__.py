"""Integrated care at home."""
