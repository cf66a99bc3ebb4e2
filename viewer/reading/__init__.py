"""The reading, its events and its one log."""
