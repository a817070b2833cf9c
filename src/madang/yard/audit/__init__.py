"""Who may do what, who did what, what was computed, and what is being done; nothing here is ever edited or deleted."""
