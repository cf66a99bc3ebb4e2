"""The 3-D pane: a VTK renderer in a process of its own, painted here as pictures."""
