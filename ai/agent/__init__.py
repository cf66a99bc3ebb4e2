"""What to propose, in which order, and what to learn from the answers."""
