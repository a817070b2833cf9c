"""How an installation is brought up, served, kept, copied and checked."""
