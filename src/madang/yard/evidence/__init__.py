"""Indicators, observations, signals, documents, and what may be published of them."""
