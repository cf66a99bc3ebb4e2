"""Objects written with pydicom: SEG, SR, key object selections, and the demo's CT."""
