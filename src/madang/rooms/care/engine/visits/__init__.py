"""Plan the home visits of a day: who goes to whom, when, and in which order."""
