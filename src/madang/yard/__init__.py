"""What the rooms share: audit < places < people < ledger < evidence."""
