"""Pages of the agenda: report and track for everybody, the list, the officer's desk, and Open311."""
