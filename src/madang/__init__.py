"""Madang: the open platform on which a Korean district and its dongs keep five promises to their residents."""

__version__ = "0.1.0"
