"""Reading and writing the ledger's files: no Django."""
