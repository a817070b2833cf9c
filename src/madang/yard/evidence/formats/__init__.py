"""Readers and writers of evidence files; no database."""
