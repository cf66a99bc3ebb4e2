"""Model cards, and whether a scan fits a model."""
