"""The synthetic population: persons, households, dwellings and what they need. No Django, no files."""
