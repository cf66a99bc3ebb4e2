"""A synthetic chest with known truth."""
