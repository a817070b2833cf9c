"""The file format of the pledge tree."""
