"""Recomputing a ledger from its entries: no Django."""
