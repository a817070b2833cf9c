"""Formats of the agenda's outside world: photos from phones, and Open311 GeoReport v2."""
