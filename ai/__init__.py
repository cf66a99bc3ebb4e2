"""What might be there: scans as values, the recipes that find things, and the agent that proposes them."""
