"""Pure computations on evidence: what may be published, and where a target path stands."""
