"""Boundaries as numbers: romanised names, clean coverages, drawings, point lookup. No Django, no files."""
