"""The secret ballot: blind tokens, sealed choices, a public chained box, and a key that only several open together."""
