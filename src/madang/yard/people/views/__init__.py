"""Faces of accounts, roles and persons."""
