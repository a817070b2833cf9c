"""Rules that give a budget to projects: one file a method, exact and deterministic."""
