"""What might be there: scans as values, the recipes that find, the agent that proposes."""
