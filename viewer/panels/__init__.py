"""The lists and pages beside the panes."""
