"""Accounts, roles at places, and persons whose data is encrypted."""
