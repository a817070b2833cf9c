"""The hash chain as pure functions."""
