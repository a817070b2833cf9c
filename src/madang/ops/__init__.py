"""How an installation is brought up, kept, copied and checked."""
