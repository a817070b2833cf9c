"""Pages that show several rooms at once; they only read."""
