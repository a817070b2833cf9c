"""Boundary data as bytes: the national bundle, GeoJSON, regrouping tables."""
