"""Pledges, their programmes, and the projects that deliver them."""
