"""The five rooms; none imports another."""
