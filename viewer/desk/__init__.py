"""The open scan and every command upon it: one reading, one owner for each piece of its state."""
