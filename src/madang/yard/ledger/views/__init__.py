"""Pages of the ledger: what everyone reads, what officers enter, and files."""
