"""Pages of the plaza: what the rooms and the yard know, shown together."""
