"""The district and its dongs: codes, names and true boundaries."""
