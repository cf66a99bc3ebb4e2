"""Lines, angles, regions and arrows that a reader draws, and what is counted under them.

The core is numpy alone; `tools`, `overlay`, `editor` and `hand` bring it onto the panes.
"""
