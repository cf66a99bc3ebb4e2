"""The action table by subject, a file each; `viewer.actions` joins them."""
